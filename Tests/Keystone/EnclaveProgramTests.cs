using NUnit.Framework;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Keystone;

/// <summary>Host programs and eapps of the repository, whole, against what the ABI demands.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed class EnclaveProgramTests(Tier tier)
{
    private static IEnumerable<TestCaseData> Runs() =>
        from line in File.ReadLines(Repository.PathOf("Guest", "Programs", "enclave.checks"))
        where line.StartsWith("keystone/", StringComparison.Ordinal) || line.StartsWith("edgecalls/", StringComparison.Ordinal)
        let words = line.Split(' ')
        select new TestCaseData(words[0], int.Parse(words[1]), words[2], words[3..]).SetArgDisplayNames(string.Join(' ', words[2..]));

    [TestCaseSource(nameof(Runs))]
    public void PrintsAndEndsAsDemanded(string name, int exitCode, string program, string[] arguments)
    {
        KeystoneResult result = KeystoneProgram.Prebuilt(program, arguments, tier).Run();
        Assert.That(result.Output, Is.EqualTo(File.ReadAllText(Repository.PathOf("Guest", "Programs", name + ".expected"))), result.Console);
        Assert.That(result.Status.ShellCode, Is.EqualTo(exitCode), result.Console);
        Assert.That(result.Left, Is.Empty, "every enclave was destroyed");
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void AProcessKilledInTheMiddleLeavesNoEnclave(int attempt)
    {
        KeystoneResult result = KeystoneProgram.Prebuilt(
            "host-runner", ["--arg", "1000000000", "eapp-null-ocalls", "runtime.elf", "loader.bin"], tier, process =>
            {
                // Wherever it is by then: loading, in an enclave, in an OCALL.
                Thread.Sleep(attempt * 150);
                process.Kill(15);
            }).Run();
        Assert.That(result.Status.ShellCode, Is.EqualTo(128 + 15));
        Assert.That(result.Left, Is.Empty);
    }

    [Test]
    public void EveryNullOcallTakesEightTransitions()
    {
        KeystoneResult result = KeystoneProgram.Prebuilt(
            "host-runner", ["--arg", "1000", "eapp-null-ocalls", "runtime.elf", "loader.bin"], tier).Run();
        Assert.Multiple(() =>
        {
            Assert.That(result.EdgeCalls.Count, Is.EqualTo(1002));
            Assert.That(result.EdgeCalls.Completed, Is.EqualTo(1002));
            Assert.That(result.EdgeCalls.MinimumTransitions, Is.EqualTo(8));
            Assert.That(result.EdgeCalls.MaximumTransitions, Is.EqualTo(8));
        });
    }
}
