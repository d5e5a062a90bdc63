using System.Globalization;
using NUnit.Framework;
using RvJit.Tests.Linux;
using RvJit.Tests.Support;

namespace RvJit.Tests.Keystone;

/// <summary>
/// Instructions that waiting takes, as <c>aec-turns</c> counts them: both sides in lockstep, so that no time is in them and each
/// run is the same. A call takes so many pauses of the server, which change in the middle of the run.
/// </summary>
[TestFixture("interp")]
[TestFixture("jit")]
public sealed class EdgeCallWaitingTests(string tier)
{
    /// <summary>Calls of each delay.</summary>
    private const int Calls = 200;

    /// <summary>Waits until a change is noticed, and samples that it takes (Guest/Sdk/aec_wait.c: PROBE, TIRED).</summary>
    private const int Probe = 32;
    private const int Tired = 3;

    /// <summary>Pauses of a turn of looking (Guest/Sdk/aec_port.h: AEC_LOOKS).</summary>
    private const int Looks = 8;

    private const string Polled = "async-poll";
    private const string Adaptive = "async-adaptive";
    private const string Interrupting = "async-uipi";

    /// <summary>
    /// Whatever calls take, and while that changes: adaptive waiting is as good as the better of the other two, within ten per cent.
    /// Who never polls sleeps on both sides for each call, and no time is long.
    /// </summary>
    [TestCase("64,0,16,2,4,1,8,3,12,5,9,7,0", 0)]
    [TestCase("64,0,16,2,4,1,8,3,12,5,9,7,0", 2, Category = "Slow")]
    public void AdaptiveIsAsGoodAsTheBetter(string delays, int gap)
    {
        Counts[] polled = Run(Polled, delays, gap), interrupting = Run(Interrupting, delays, gap), adaptive = Run(Adaptive, delays, gap);
        for (int i = 0; i < adaptive.Length; i++)
        {
            Assert.That(
                adaptive[i].Waiting * 10, Is.LessThanOrEqualTo(Math.Min(polled[i].Waiting, interrupting[i].Waiting) * 11),
                $"{adaptive[i]}, {polled[i]}, {interrupting[i]}");
            Assert.That(polled[i].Pauses, Is.GreaterThan(Calls * polled[i].Delay));
            Assert.That((interrupting[i].Pauses, interrupting[i].Sleeps), Is.EqualTo((0L, 2L * Calls)).Within(1));
        }
    }

    /// <summary>
    /// A sleep may be worth much looking, as with the doorbell. Who looked in vain some times stops looking, but for probes;
    /// answers that come in time again are noticed by the next probe, and then nobody sleeps any more.
    /// </summary>
    [Test]
    public void LookingStopsWhereAnswersComeLateAndSleepingWhereTheyDoNot()
    {
        const int Turns = 6, Worth = Turns * Looks, InVain = Tired + (Calls / Probe) + 1;
        Counts[] counts = Run(Adaptive, $"{2 * Worth},{10 * Worth},{2 * Worth},{Worth / 2},{Worth / 2}", gap: 0, Turns);
        foreach (Counts late in counts[..3])
        {
            Assert.That((late.Sleeps, late.Rings), Is.EqualTo(((long)Calls, (long)Calls)));
            Assert.That(late.Pauses, Is.InRange(Calls, (InVain * (Worth + 1)) + (2 * Calls)));
        }

        Assert.That(counts[3].Sleeps, Is.LessThanOrEqualTo(Probe));
        Assert.That(counts[4].Sleeps, Is.Zero);
    }

    private Counts[] Run(string backend, string delays, int gap, int worth = 0)
    {
        RvJitResult result = RvJitProcess.Run(
            "run", "--tier", tier, "--exact-instret", GuestProgram.Prebuilt("aec-turns"), backend, delays, Text(gap), Text(Calls), Text(worth));
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        return
        [
            .. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ').Select(word => long.Parse(word, CultureInfo.InvariantCulture)).ToArray())
                .Select(n => new Counts(n[0], n[1], n[2], n[3], n[4])),
        ];
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A line of the program's: so many pauses a call, instructions of looks and sleeps, pauses, sleeps and rings of all calls.</summary>
    private sealed record Counts(long Delay, long Waiting, long Pauses, long Sleeps, long Rings);
}
