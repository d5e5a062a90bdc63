using NUnit.Framework;
using RvJit.Monitor.Attestation;
using RvJit.Translator;

namespace RvJit.Tests.Keystone;

/// <summary>What the runtime makes of an eapp's region and of its sealed table: the same whether it is native or guest code.</summary>
[TestFixture(Tier.Interp, false)]
[TestFixture(Tier.Jit, false)]
[TestFixture(Tier.Interp, true)]
[TestFixture(Tier.Jit, true)]
[Parallelizable(ParallelScope.Self)]
public sealed class RingRightsTests(Tier tier, bool guestRuntime)
{
    private const int AsItMust = 42;

    /// <summary>Low byte of the value of an eapp that is ended for a fault.</summary>
    private const int Killed = 255;

    /// <summary>Attempts by their numbers in Guest/Programs/keystone/eapp_rings.c.</summary>
    [TestCase(0UL, AsItMust, TestName = "{c}: nothing")]
    [TestCase(1UL, Killed, TestName = "{c}: writes the header")]
    [TestCase(2UL, Killed, TestName = "{c}: writes what the host writes")]
    [TestCase(3UL, Killed, TestName = "{c}: runs code in the region")]
    [TestCase(4UL, Killed, TestName = "{c}: writes the sealed table")]
    [TestCase(5UL, AsItMust, TestName = "{c}: has the runtime write the sealed table")]
    [TestCase(6UL, AsItMust, TestName = "{c}: attaches again")]
    [TestCase(7UL, AsItMust, TestName = "{c}: seals again")]
    [TestCase(8UL, AsItMust, TestName = "{c}: seals pages of the region")]
    [TestCase(9UL, AsItMust, TestName = "{c}: seals part of a page")]
    public void AnAttemptOfTheEapp(ulong attempt, int expected)
    {
        using var enclave = new HostedEnclave("eapp-rings", tier, guestRuntime, static _ => { }, attempt);
        Assert.That(enclave.Result, Is.EqualTo(expected), enclave.Output);
        Assert.That(enclave.Kept!.Value.TableHash, Is.EqualTo(Sha3.Hash(enclave.Kept.Value.Bytes)));
        Assert.That(enclave.Kept.Value.Bytes, Has.Length.EqualTo(8192));
    }
}
