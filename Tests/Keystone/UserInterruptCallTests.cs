using System.Globalization;
using NUnit.Framework;
using RvJit.Tests.Linux;
using RvJit.Tests.Support;

namespace RvJit.Tests.Keystone;

/// <summary>
/// Edge calls whose other side is told by user interrupts: it sleeps, or works on something of its own and is interrupted.
/// No hart changes its privilege level, and no doorbell rings.
/// </summary>
[TestFixture("interp", "native", 200)]
[TestFixture("jit", "native", 1000)]
[TestFixture("interp", "guest", 100)]
[TestFixture("auto", "guest", 3000)]
public sealed class UserInterruptCallTests(string tier, string runtime, int calls)
{
    /// <summary>The two system calls that read the counters.</summary>
    private const int Readings = 2;

    [TestCase("ocall", 0)]
    [TestCase("ecall", 0)]
    [TestCase("ocall", 1)]
    [TestCase("ecall", 1)]
    public void TheOtherSideIsToldWithoutATrap(string direction, int busy)
    {
        Dictionary<string, string> got = Run("max", "--backend", "async-uipi", "--direction", direction, "--busy", Text(busy), "--calls", Text(calls));
        AssertDone(got, calls);
        Assert.That(got["doorbells"], Is.EqualTo("0"));
        Assert.That(Number(got["caller_sleeps"]), Is.Positive, "the caller never polls");
        if (direction == "ocall" && busy == 1)
        {
            Assert.That(Number(got["server_interrupts"]), Is.Positive);
            Assert.That(Number(got["server_work"]), Is.Positive, "the server's own work goes on");
            Assert.That(Number(got["server_idle_turns"]), Is.Zero);
        }
    }

    [TestCase("async-uipi", "ocall", 1)]
    [TestCase("async-uipi", "ecall", 1)]
    [TestCase("async-adaptive", "ocall", 0)]
    [TestCase("async-adaptive", "ecall", 0)]
    [Category("Slow")]
    public void AMillionCallsMakeNoTransition(string backend, string direction, int busy)
    {
        int many = (tier, runtime) == ("jit", "native") ? 1_000_000 : 10 * calls;
        Dictionary<string, string> got = Run(
            "max", "--backend", backend, "--direction", direction, "--busy", Text(busy), "--batch", "256", "--log2", "10", "--calls", Text(many));
        AssertDone(got, many);
        Assert.That(got["doorbells"], Is.EqualTo("0"));
    }

    [TestCase("ocall")]
    [TestCase("ecall")]
    public void AdaptiveWaitingNeedsNoDoorbell(string direction)
    {
        Dictionary<string, string> got = Run("max", "--backend", "async-adaptive", "--direction", direction, "--calls", Text(calls));
        AssertDone(got, calls);
        Assert.That(got["doorbells"], Is.EqualTo("0"));
    }

    /// <summary>Harts without the extensions: the doorbell is there instead.</summary>
    [Test]
    public void WithoutUserInterruptsNoneIsSent()
    {
        Dictionary<string, string> got = Run(null, "--backend", "async-uipi", "--calls", Text(calls));
        Assert.That((got["ok"], got["failed"], got["caller_sent"]), Is.EqualTo((Text(calls), "0", "0")));
    }

    private static void AssertDone(Dictionary<string, string> got, int calls)
    {
        Assert.That((got["ok"], got["failed"]), Is.EqualTo((Text(calls), "0")));
        Assert.That(got["transitions"], Is.EqualTo(Text(Readings)));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static long Number(string value) => long.Parse(value, CultureInfo.InvariantCulture);

    private Dictionary<string, string> Run(string? isa, params string[] arguments)
    {
        RvJitResult result = RvJitProcess.Run(
        [
            "run", "--tier", tier, "--runtime", runtime, .. isa is null ? Array.Empty<string>() : ["--isa", isa], GuestProgram.Prebuilt("host-edgecalls"), "--warmup", "10", .. arguments,
            GuestProgram.Prebuilt("eapp-edgecalls"), GuestProgram.Prebuilt("runtime.elf"), GuestProgram.Prebuilt("loader.bin"),
        ]);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(l => l.Split('=')[0], l => l.Split('=')[1]);
    }
}
