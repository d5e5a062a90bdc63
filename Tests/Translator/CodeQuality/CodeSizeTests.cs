using System.Runtime.Intrinsics.X86;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Translator.CodeQuality;

/// <summary>
/// The translated code of a fixed set of fragments does not get bigger unnoticed: a gate for the translator that needs
/// no clock (docs/testing.md, "Code quality").
/// </summary>
public sealed class CodeSizeTests
{
    private const string Update = "RVJIT_UPDATE_SIZES";

    /// <summary>Leaves x86-64-v3, so that every newer processor gets the same code.</summary>
    private static readonly Dictionary<string, string?> _settings = new()
    {
        ["DOTNET_EnableAVX512"] = "0",
        ["DOTNET_EnableAVX10v1"] = "0",
        ["DOTNET_EnableAPX"] = "0",
        ["DOTNET_EnableGFNI"] = "0",
    };

    private static readonly string _golden = Repository.PathOf("Tests", "Translator", "CodeQuality", "fragments.golden");

    [Test]
    public void TranslatedCodeDoesNotGrow()
    {
        if (!Avx2.IsSupported || !Fma.IsSupported || !Bmi1.X64.IsSupported || !Bmi2.X64.IsSupported || !Lzcnt.X64.IsSupported)
            Extras.Missing("needs an x86-64-v3 processor: others get other code");
        FragmentSizes now = Measure();
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 })
            now.Write(_golden);
        var before = FragmentSizes.Read(_golden);
        if (before.Runtime != now.Runtime)
            Extras.Missing($"needs .NET {before.Runtime}, whose compiler made {Path.GetFileName(_golden)}; this is {now.Runtime}");

        var old = before.Fragments.ToDictionary(fragment => fragment.Name);
        var worse = new List<string>();
        foreach (FragmentSize fragment in now.Fragments)
        {
            FragmentSize? was = old.GetValueOrDefault(fragment.Name);
            if (fragment == was)
                continue;
            string change = $"{fragment.Name}\n  was {was}\n  is  {fragment}\n";
            TestContext.Out.Write(change);
            if (was is null || fragment.IsWorseThan(was))
                worse.Add(change);
        }

        Assert.That(now.Fragments.Select(fragment => fragment.Name), Is.EqualTo(before.Fragments.Select(fragment => fragment.Name)));
        Assert.That(worse, Is.Empty, $"if this is worth it, set {Update}=1, run the test again and commit {Path.GetFileName(_golden)}");
    }

    private static FragmentSizes Measure()
    {
        RvJitResult result = new RvJitProcess
        {
            Arguments = ["run", "--tier=jit", "--dump-region", "all", GuestPrograms.PathOf("fragments")],
            Variables = _settings,
        }.Run();
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        return FragmentSizes.OfDump(result.Error);
    }
}
