using NUnit.Framework;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Keystone;

/// <summary>
/// The stress of docs/edge-calls.md in enclaves, in small: honest sides, a hostile enclave and a hostile host in turn. The program
/// checks everything itself and prints "ok".
/// </summary>
public sealed class EdgeCallStressTests
{
    [TestCase(Tier.Interp, 1, "3")]
    [TestCase(Tier.Interp, 1, "2", Category = "Slow")]
    [TestCase(Tier.Interp, 1, "4", Category = "Slow")]
    [TestCase(Tier.Jit, 1, "3", Category = "Slow")]
    [TestCase(Tier.Auto, 100_000, "all")]
    [TestCase(Tier.Interp, 1, "3", true, Category = "Slow")]
    [TestCase(Tier.Jit, 1, "3", true, Category = "Slow")]
    [TestCase(Tier.Auto, 30_000, "all", true, Category = "Slow")]
    public void NothingIsLostAndNothingIsDoubled(Tier tier, int calls, string harts, bool guestRuntime = false)
    {
        KeystoneResult result = KeystoneProgram.Prebuilt(
            "host-stress", [$"{calls}", harts, "4", "eapp-stress", "runtime.elf", "loader.bin"], tier, guestRuntime: guestRuntime).Run();
        Assert.That((result.Output, result.Status.ShellCode), Is.EqualTo(("ok\n", 0)), result.Console);
        Assert.That(result.Left, Is.Empty, "every enclave was destroyed");
    }
}
