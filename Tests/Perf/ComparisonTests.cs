using System.Text;
using NUnit.Framework;
using RvJit.Perf.Compare;

namespace RvJit.Tests.Perf;

/// <summary>Who is run when, what is counted, and what makes a row an error. No process runs and nothing is timed.</summary>
public class ComparisonTests
{
    private static readonly GuestProgram _fib = new("fib", "kernels", ["fib"], ProgramGroup.Integer);
    private static readonly Peer[] _peers = [.. new[] { Peer.RvJit, Peer.Qemu, Peer.Native }.Select(name => new Peer(name, "", _ => []))];

    [Test]
    public void PeersRunInTurnsAndTheFirstRoundIsNotCounted()
    {
        var order = new StringBuilder();
        int calls = 0;
        Row row = Comparison.Measure(_fib, _peers, 2, (peer, _, round) =>
        {
            order.Append(peer.Name[0]).Append(round);
            return Took(calls++ < 3 ? 1000 : 1);
        });

        Assert.That(order.ToString(), Is.EqualTo("r0q0n0r1q1n1r2q2n2"));
        Assert.That(row.Error, Is.Null);
        Assert.That(row.Measurements.Select(m => m.Samples.Count), Is.All.EqualTo(2));
        Assert.That(row.Measurements.Select(m => m.Wall), Is.All.EqualTo(1));
    }

    [Test]
    public void RatiosAreOursOverTheirs()
    {
        Row row = Rows(_fib, rvjit: 2, qemu: 4, native: 1);

        Assert.That(row.Ratio(Peer.Qemu, m => m.Wall), Is.EqualTo(0.5));
        Assert.That(row.Ratio(Peer.Native, m => m.Wall), Is.EqualTo(2));
        Assert.That(row.Ratio("nobody", m => m.Wall), Is.Null);
    }

    [Test]
    public void AnotherOutputMakesTheRowAnError()
    {
        int calls = 0;
        Row row = Comparison.Measure(_fib, _peers, 5, (peer, _, _) =>
        {
            calls++;
            return Took(1, peer.Name == Peer.Native ? "fib 60 2\n" : "fib 60 1\n");
        });

        Assert.That(row.Error, Is.EqualTo("outputs differ: rvjit printed 'fib 60 1', native 'fib 60 2'"));
        Assert.That(row.Measurements, Is.Empty);
        Assert.That(calls, Is.EqualTo(_peers.Length), "what is wrong once is not measured further");
    }

    [Test]
    public void OutputThatChangesBetweenRoundsIsAnErrorToo()
    {
        int calls = 0;
        Row row = Comparison.Measure(_fib, _peers, 3, (_, _, _) => Took(1, calls++ < 6 ? "a" : "b"));

        Assert.That(row.Error, Is.EqualTo("outputs differ between round 0 and round 2"));
    }

    [Test]
    public void AFailedRunIsAnErrorEvenWithTheSameOutput()
    {
        Row row = Comparison.Measure(_fib, _peers, 1, (peer, _, _) =>
            Took(1) with { Failure = peer.Name == Peer.Qemu ? "died of signal 11" : null });

        Assert.That(row.Error, Is.EqualTo("qemu: died of signal 11"));
    }

    [Test]
    public void LongOutputIsShownInOneShortLine()
    {
        string? error = Agreement.Check([("a", Took(1, "line\n" + new string('x', 500))), ("b", Took(1, ""))]);

        Assert.That(error, Does.StartWith("outputs differ: a printed 'line xxx").And.EndsWith("...', b nothing"));
        Assert.That(error, Has.Length.LessThan(120));
    }

    private static Row Rows(GuestProgram program, double rvjit, double qemu, double native)
    {
        double[] seconds = [rvjit, qemu, native];
        return Comparison.Measure(program, _peers, 1, (peer, _, _) => Took(seconds[Array.IndexOf(_peers, peer)]));
    }

    private static Run Took(double seconds, string output = "same\n") =>
        new(new Sample(seconds, seconds, 0, 1024), Encoding.UTF8.GetBytes(output), null);
}
