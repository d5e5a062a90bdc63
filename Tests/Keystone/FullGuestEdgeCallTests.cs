using NUnit.Framework;
using RvJit.Translator;
using static RvJit.Tests.Keystone.EdgeCallProgramTests;

namespace RvJit.Tests.Keystone;

/// <summary>
/// Edge calls of an enclave whose S-mode is guest code: the eapp of <see cref="EdgeCallProgramTests"/>, unmodified, the same
/// ways and the same numbers.
/// </summary>
[TestFixture(Tier.Interp, 200)]
[TestFixture(Tier.Auto, 5000)]
[Parallelizable(ParallelScope.Self)]
public sealed class FullGuestEdgeCallTests(Tier tier, int calls)
{
    private const int SynchronousCall = 8;

    /// <summary>The two system calls that read the counters.</summary>
    private const int Readings = 2;

    [TestCase("spin", "ocall", 64)]
    [TestCase("spin", "ecall", 0)]
    [TestCase("async-poll", "ocall", 0)]
    [TestCase("async-poll", "ocall", 5000)]
    [TestCase("async-poll", "ecall", 64)]
    public void ACallMakesNoTransition(string backend, string direction, int payload)
    {
        Dictionary<string, string> got = Run(tier, guestRuntime: true, backend, direction, calls, payload, "--reply", Text(payload));
        Assert.That((got["transitions"], got["doorbells"]), Is.EqualTo((Text(Readings), "0")));
    }

    [TestCase("ocall", 1)]
    [TestCase("ecall", 2)]
    public void ASynchronousCallMakesEight(string direction, int marks) => Assert.That(
        Run(tier, guestRuntime: true, "sync", direction, calls, 64)["transitions"],
        Is.EqualTo(Text((SynchronousCall * (calls + marks)) + Readings)));

    [TestCase("workers", "ocall")]
    [TestCase("async-adaptive", "ocall")]
    [TestCase("async-adaptive", "ecall")]
    [TestCase("async-uipi", "ocall")]
    public void WaysThatMaySleepLoseNothing(string backend, string direction) => Run(tier, guestRuntime: true, backend, direction, calls, 64);

    /// <summary>The smallest region and one of 8 MiB: pages and megapages.</summary>
    [TestCase(1L << 17)]
    [TestCase(1L << 22)]
    [TestCase(1L << 24)]
    public void RegionsOfEverySizeAreMapped(long utm)
    {
        Dictionary<string, string> got = Run(tier, guestRuntime: true, "async-poll", "ocall", calls, 2000, "--batch", "8", "--utm", Text(utm));
        Assert.That(got["transitions"], Is.EqualTo(Text(Readings)));
    }
}

/// <summary>The forced tier translates all that the enclave's S- and U-mode reach, which takes seconds: one way of each kind.</summary>
[Parallelizable(ParallelScope.Self)]
public sealed class ForcedFullGuestEdgeCallTests
{
    private const int Calls = 300;
    private const int Readings = 2;

    [TestCase("async-poll", "ocall", 0, 0)]
    [TestCase("sync", "ecall", 8, 2)]
    [TestCase("async-poll", "ecall", 0, 0, Category = "Slow")]
    [TestCase("spin", "ocall", 0, 0, Category = "Slow")]
    [TestCase("sync", "ocall", 8, 1, Category = "Slow")]
    public void TransitionsAreTheSame(string backend, string direction, int each, int marks) => Assert.That(
        Run(Tier.Jit, guestRuntime: true, backend, direction, Calls, 64)["transitions"], Is.EqualTo(Text((each * (Calls + marks)) + Readings)));

    [TestCase("async-adaptive", "ecall")]
    [TestCase("workers", "ocall", Category = "Slow")]
    [TestCase("async-uipi", "ocall", Category = "Slow")]
    public void WaysThatMaySleepLoseNothing(string backend, string direction) => Run(Tier.Jit, guestRuntime: true, backend, direction, Calls, 64);
}
