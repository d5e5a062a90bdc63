using NUnit.Framework;
using RvJit.Monitor.Runtime;
using RvJit.Translator;

namespace RvJit.Tests.Keystone;

/// <summary>A host that touches pages which an enclave has put outside of itself (Guest/Programs/keystone/host_paging.c).</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed class PagingAttackTests(Tier tier)
{
    [TestCase("leave", "")]
    [TestCase("flip", "was changed or replaced by the host")]
    [TestCase("replay", "was changed or replaced by the host")]
    [TestCase("swap", "was changed or replaced by the host")]
    public void WhatIsNotTheNewestVersionOfThePageEndsTheEnclave(string attack, string report)
    {
        KeystoneProgram program = KeystoneProgram.Prebuilt("host-paging", [attack, "eapp-paging", "runtime.elf", "loader.bin"], tier) with
        {
            Services = new EnclaveRuntimeOptions { Features = RuntimeFeatures.All with { Paging = true } },
        };
        KeystoneResult result = program.Run();
        Assert.That(result.Status.ShellCode, Is.Zero, result.Output + result.Console);
        Assert.That(result.Console, Does.Contain(report));
        Assert.That(result.Left, Is.Empty);
    }
}
