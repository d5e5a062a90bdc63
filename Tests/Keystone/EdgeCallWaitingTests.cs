using System.Globalization;
using NUnit.Framework;
using RvJit.Tests.Linux;
using RvJit.Tests.Support;

namespace RvJit.Tests.Keystone;

/// <summary>
/// Instructions that waiting takes, as <c>aec-turns</c> counts them: both sides in lockstep, so that no time is in them and each
/// run is the same. A call takes so many turns of the server.
/// </summary>
[TestFixture("interp")]
[TestFixture("jit")]
public sealed class EdgeCallWaitingTests(string tier)
{
    private const int Calls = 100;
    private const int PollTurns = 200; // the library's default

    /// <summary>Answers that come soon: adaptive waiting is as good as the better of the other two, within ten per cent.</summary>
    [TestCase(0)]
    [TestCase(2)]
    public void SoonAnsweredAdaptiveIsAsGoodAsTheBetter(int cost)
    {
        long better = Math.Min(Run("async-poll", cost)["waiting"], Run("async-uipi", cost)["waiting"]);
        Assert.That(Run("async-adaptive", cost)["waiting"] * 10, Is.LessThanOrEqualTo(better * 11));
    }

    /// <summary>Answers that come late: it looks so many times and sleeps once, however late.</summary>
    [Test]
    [Category("Slow")]
    public void LateAnsweredAdaptiveLooksABoundedNumberOfTimes()
    {
        Dictionary<string, long> late = Run("async-adaptive", 2 * PollTurns), later = Run("async-adaptive", 10 * PollTurns);
        Assert.That(later, Is.EqualTo(late));
        Assert.That((late["sleeps"], late["rings"]), Is.EqualTo(((long)Calls, (long)Calls)));
        Assert.That(late["pauses"], Is.LessThanOrEqualTo(Calls * (PollTurns + 2)));
        Assert.That(Run("async-poll", 10 * PollTurns)["pauses"], Is.GreaterThan(Calls * 10 * PollTurns));
    }

    /// <summary>Who never polls sleeps for each call, and no time is long.</summary>
    [Test]
    [Category("Slow")]
    public void UserInterruptsNeedNoLooking()
    {
        Dictionary<string, long> soon = Run("async-uipi", 1), late = Run("async-uipi", 10 * PollTurns);
        Assert.That(late, Is.EqualTo(soon));
        Assert.That(soon["pauses"], Is.Zero);
    }

    private Dictionary<string, long> Run(string backend, int cost)
    {
        RvJitResult result = RvJitProcess.Run(
            "run", "--tier", tier, "--exact-instret", GuestProgram.Prebuilt("aec-turns"), backend, Text(cost), "0", Text(Calls));
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(l => l.Split('=')[0], l => long.Parse(l.Split('=')[1], CultureInfo.InvariantCulture));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
