using NUnit.Framework;
using RvJit.Cli;
using RvJit.Perf.Compare;

namespace RvJit.Tests.Perf;

/// <summary>What counts as worse than before.</summary>
public class BaselineTests
{
    private static readonly string[] _peers = [Peer.RvJit, Peer.Qemu, Peer.Native];

    [Test]
    public void AMachineThatIsTwiceAsFastChangesNothing()
    {
        var baseline = new Baseline(Rows.File(Rows.Of(Rows.Fib, 4, 8, 2), Rows.Of(Rows.Nbody, 2, 16, 2)));
        IReadOnlyList<RatioChange> changes = baseline.Changes(Rows.File(Rows.Of(Rows.Fib, 2, 4, 1), Rows.Of(Rows.Nbody, 1, 8, 1)));

        Assert.That(changes.Select(change => change.Factor), Is.All.EqualTo(1).Within(1e-12));
        Assert.That(changes, Has.Count.EqualTo((2 * 2 * 2) + (3 * 2 * 2)), "two rows and three means, two measures, two peers");
    }

    [Test]
    public void TheWorstChangeIsFirst()
    {
        var baseline = new Baseline(Rows.File(Rows.Of(Rows.Fib, 4, 8, 2), Rows.Of(Rows.Nbody, 2, 16, 2)));
        IReadOnlyList<RatioChange> changes = baseline.Changes(Rows.File(Rows.Of(Rows.Fib, 2, 8, 2), Rows.Of(Rows.Nbody, 3, 16, 2)));

        Assert.That(changes[0].Factor, Is.EqualTo(1.5));
        Assert.That(changes.Where(change => change.Factor > 1).Select(change => change.Subject).Distinct(),
            Is.EquivalentTo((string[])["nbody", "mean of floating point"]));
        Assert.That(changes[^1], Has.Property(nameof(RatioChange.Subject)).EqualTo("fib").Or.Property(nameof(RatioChange.Subject)).EqualTo("mean of integer"));
        Assert.That(changes[^1].Factor, Is.EqualTo(0.5));
    }

    [Test]
    public void ShortProgramsAreHeldToWallTimeUnderEmulators()
    {
        var baseline = new Baseline(Rows.File(Rows.Of(Rows.Hello, 0.1, 0.01, 0.001)));
        IReadOnlyList<RatioChange> changes = baseline.Changes(Rows.File(Rows.Of(Rows.Hello, 0.2, 0.01, 0.0001)));

        Assert.That(changes, Is.EqualTo((RatioChange[])[new("hello", "wall", Peer.Qemu, 0.1 / 0.01, 0.2 / 0.01)]));
    }

    [Test]
    public void WhatOnlyOneOfThemHasIsNotCompared()
    {
        Row failed = new(Rows.Fib, [], "outputs differ");
        var baseline = new Baseline(Rows.File(failed, Rows.Of(Rows.Nbody, 2, 16, 2)));
        IReadOnlyList<RatioChange> changes = baseline.Changes(Rows.File(Rows.Of(Rows.Fib, 4, 8, 2), Rows.Of(Rows.Nbody, 2, 16, 2)));

        Assert.That(changes.Select(change => change.Subject).Distinct(), Is.EquivalentTo((string[])["nbody", "mean of floating point", "mean of all"]));
    }

    [Test]
    public void TheSameProgramsInAnotherOrderWillDo() => Assert.That(
        () => new Baseline(Rows.File(Rows.Of(Rows.Fib, 1, 1, 1), Rows.Of(Rows.Hello, 1, 1, 1))).Check([Rows.Hello, Rows.Fib], _peers),
        Throws.Nothing);

    [Test]
    public void OtherProgramsAreRefused()
    {
        var baseline = new Baseline(Rows.File(Rows.Of(Rows.Fib, 1, 1, 1), Rows.Of(Rows.Hello, 1, 1, 1)));

        Refuses(() => baseline.Check([Rows.Hello], _peers), "it has fib (fib 60), which would not run now");
        Refuses(() => baseline.Check([Rows.Hello, Rows.Fib, Rows.Nbody], _peers), "it does not have nbody (nbody 9)");
        Refuses(() => baseline.Check([Rows.Hello, Rows.Fib with { Arguments = ["fib", "61"] }], _peers), "it has fib (fib 60)");
        Refuses(() => baseline.Check([Rows.Hello, Rows.Fib], [Peer.RvJit, "other"]), "no peer that takes part now");
    }

    private static void Refuses(Action check, string message) =>
        Assert.That(check, Throws.InstanceOf<BadInputException>().With.Message.Contains(message));
}
