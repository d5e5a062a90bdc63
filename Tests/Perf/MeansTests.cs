using NUnit.Framework;
using RvJit.Perf.Compare;

namespace RvJit.Tests.Perf;

/// <summary>Which rows count in which mean.</summary>
public class MeansTests
{
    private static readonly Row[] _rows =
    [
        Rows.Of(Rows.Fib, rvjit: 2, qemu: 1, native: 1),
        Rows.Of(Rows.Fib, rvjit: 8, qemu: 1, native: 4),
        Rows.Of(Rows.Nbody, rvjit: 1, qemu: 8, native: 1),
        Rows.Of(Rows.Nbody, rvjit: 100, qemu: 0.99, native: 1), // too short under qemu
        Rows.Of(Rows.Hello, rvjit: 100, qemu: 1, native: 1),
        new Row(Rows.Fib, [], "outputs differ"),
    ];

    [TestCase(Peer.Qemu, null, 1.2599210498948732, 3)] // the cube root of 2 x 8 / 8
    [TestCase(Peer.Qemu, ProgramGroup.Integer, 4, 2)]
    [TestCase(Peer.Qemu, ProgramGroup.FloatingPoint, 0.125, 1)]
    [TestCase(Peer.Native, ProgramGroup.Integer, 2, 2)]
    public void AreOverWhatRunsLongEnough(string peer, ProgramGroup? group, double expected, int programs)
    {
        Mean mean = Means.Of(_rows, [Peer.Qemu, Peer.Native]).Single(mean => mean.Peer == peer && mean.Group == group);

        Assert.That(mean.Cpu, Is.EqualTo(expected).Within(1e-12));
        Assert.That(mean.Wall, Is.EqualTo(expected).Within(1e-12));
        Assert.That(mean.Programs, Is.EqualTo(programs));
    }

    [Test]
    public void GroupsWithoutProgramsHaveNone() => Assert.That(
        Means.Of(_rows, [Peer.Qemu]).Select(mean => mean.Title), Is.EqualTo((string[])["all", "integer", "floating point"]));

    [Test]
    public void APeerThatRanNothingHasNoMean()
    {
        Mean mean = Means.Of(_rows, ["nobody"])[0];

        Assert.That((mean.Cpu, mean.Wall, mean.Programs), Is.EqualTo(((double?)null, (double?)null, 0)));
    }

    [Test]
    public void WithoutQemuOurOwnTimeSaysWhatIsLong()
    {
        Row[] rows =
        [
            new Row(Rows.Fib, [Rows.Measured(Peer.RvJit, 1), Rows.Measured(Peer.Native, 0.25)], null),
            new Row(Rows.Fib, [Rows.Measured(Peer.RvJit, 0.9), Rows.Measured(Peer.Native, 3)], null),
        ];

        Assert.That(Means.Of(rows, [Peer.Native])[0], Is.EqualTo(new Mean(null, Peer.Native, 4, 4, 1)));
    }
}
