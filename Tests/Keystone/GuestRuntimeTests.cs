using NUnit.Framework;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Keystone;

/// <summary>Enclaves whose loader and runtime are guest code in S-mode, under the native monitor.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed class GuestRuntimeTests(Tier tier)
{
    [Test]
    public void TheLoaderIsWhatRunsFirst()
    {
        KeystoneResult result = Run("host-runner", "--retval", "-1", "eapp-hello", "runtime.elf", "loader.bin");
        Assert.That(result.Output, Is.EqualTo("enclave returned -1\n"), result.Console);
        Assert.That(result.Left, Is.Empty, "every enclave was destroyed");
    }

    private KeystoneResult Run(string program, params string[] arguments) =>
        KeystoneProgram.Prebuilt(program, arguments, tier, guestRuntime: true).Run();
}
