using System.Globalization;
using NUnit.Framework;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Keystone;

/// <summary>
/// Edge calls between a host program and its enclave, by every way there is and in both directions. What counts is counted:
/// the privilege transitions of all harts between the first call and the last.
/// </summary>
[TestFixture(Tier.Interp, 300)]
[TestFixture(Tier.Jit, 2000)]
public sealed class EdgeCallProgramTests(Tier tier, int calls)
{
    private const int SynchronousCall = 8;

    /// <summary>The two system calls that read the counters: one ends after the first reading, one begins before the second.</summary>
    private const int Readings = 2;

    [TestCase("spin", "ocall", 0)]
    [TestCase("spin", "ecall", 64)]
    [TestCase("async-poll", "ocall", 0)]
    [TestCase("async-poll", "ocall", 24)]
    [TestCase("async-poll", "ocall", 64)]
    [TestCase("async-poll", "ecall", 64)]
    [TestCase("async-poll", "ecall", 5000)]
    public void ACallMakesNoTransition(string backend, string direction, int payload)
    {
        Dictionary<string, string> got = Run(backend, direction, calls, payload);
        Assert.That(got["transitions"], Is.EqualTo(Text(Readings)));
        Assert.That(got["doorbells"], Is.EqualTo("0"));
    }

    /// <summary>Marks are calls, too: the second half of the first and the first half of the second; both when the host calls.</summary>
    [TestCase("ocall", 1)]
    [TestCase("ecall", 2)]
    public void ASynchronousCallMakesEight(string direction, int marks) =>
        Assert.That(Run("sync", direction, calls, 64)["transitions"], Is.EqualTo(Text((SynchronousCall * (calls + marks)) + Readings)));

    /// <summary>
    /// One hart for both sides: the host's only thread runs the enclave. Every way becomes what the synchronous one is, eight
    /// transitions a call, or a batch, and nobody waits for somebody who cannot run.
    /// </summary>
    [TestCase("async-poll", "ocall")]
    [TestCase("async-adaptive", "ecall")]
    [TestCase("async-uipi", "ocall", Category = "Slow")]
    [TestCase("workers", "ocall", Category = "Slow")]
    [TestCase("spin", "ecall", Category = "Slow")]
    public void WithOneHartEveryWayIsSynchronous(string backend, string direction)
    {
        Dictionary<string, string> got = Run(backend, direction, calls, 64, "--harts", "1");
        int marks = direction == "ocall" ? 1 : 2;
        Assert.That(got["transitions"], Is.EqualTo(Text((SynchronousCall * (calls + marks)) + Readings)));
        Assert.That(got["doorbells"], Is.EqualTo("0"));
    }

    [TestCase("ocall", 1)]
    [TestCase("ecall", 2, Category = "Slow")]
    public void WithOneHartABatchIsOneCall(string direction, int marks)
    {
        const int Batch = 20;
        Dictionary<string, string> got = Run("async-poll", direction, calls, 0, "--harts", "1", "--batch", Text(Batch));
        Assert.That(got["transitions"], Is.EqualTo(Text((SynchronousCall * ((calls / Batch) + marks)) + Readings)));
    }

    [TestCase("workers", "ocall")]
    [TestCase("workers", "ecall")]
    [TestCase("async-adaptive", "ocall")]
    [TestCase("async-adaptive", "ecall")]
    public void WaysThatMaySleepLoseNothing(string backend, string direction) => Run(backend, direction, calls, 64);

    [TestCase("ocall")]
    [TestCase("ecall")]
    public void BatchesAndReplies(string direction)
    {
        Dictionary<string, string> got = Run("async-poll", direction, calls, 100, "--batch", "32", "--reply", "100");
        Assert.That(got["transitions"], Is.EqualTo(Text(Readings)));
    }

    /// <summary>One million calls, where the translator makes that a matter of seconds; of ways that use user interrupts, in <see cref="UserInterruptCallTests"/>.</summary>
    [TestCase("async-poll", "ocall", 0, 0)]
    [TestCase("async-poll", "ecall", 0, 0)]
    [TestCase("spin", "ocall", 0, 0, Category = "Slow")]
    [TestCase("spin", "ecall", 0, 0, Category = "Slow")]
    [TestCase("sync", "ocall", SynchronousCall, 1)]
    [TestCase("sync", "ecall", SynchronousCall, 2, Category = "Slow")]
    public void TheNumberHolds(string backend, string direction, int each, int marks)
    {
        int many = tier == Tier.Jit ? 1_000_000 : calls;
        string[] batch = backend == "async-poll" ? ["--batch", "64"] : [];
        Assert.That(Run(backend, direction, many, 24, batch)["transitions"], Is.EqualTo(Text((each * ((long)many + marks)) + Readings)));
    }

    internal static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private Dictionary<string, string> Run(string backend, string direction, int count, int payload, params string[] more) =>
        Run(tier, guestRuntime: false, backend, direction, count, payload, more);

    /// <summary>The lines that host-edgecalls prints, by their names; every call succeeded.</summary>
    internal static Dictionary<string, string> Run(
        Tier tier, bool guestRuntime, string backend, string direction, int count, int payload, params string[] more)
    {
        string[] arguments =
        [
            "--backend", backend, "--direction", direction, "--calls", Text(count), "--payload", Text(payload), "--warmup", "10", .. more,
            "eapp-edgecalls", "runtime.elf", "loader.bin",
        ];
        KeystoneResult result = KeystoneProgram.Prebuilt("host-edgecalls", arguments, tier, guestRuntime: guestRuntime).Run();
        Assert.That(result.Status.ShellCode, Is.Zero, result.Output + result.Console);
        Assert.That(result.Left, Is.Empty);
        Dictionary<string, string> got = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(l => l.Split('=')[0], l => l.Split('=')[1]);
        Assert.That((got["ok"], got["failed"]), Is.EqualTo((Text(count), "0")));
        return got;
    }
}
