using RvJit.Perf.Compare;

namespace RvJit.Tests.Perf;

/// <summary>Rows of samples that were never measured: CPU and wall alike.</summary>
internal static class Rows
{
    public static readonly GuestProgram Fib = new("fib", "kernels", ["fib", "60"], ProgramGroup.Integer);
    public static readonly GuestProgram Nbody = new("nbody", "kernels", ["nbody", "9"], ProgramGroup.FloatingPoint);
    public static readonly GuestProgram Hello = new("hello", "hello", [], ProgramGroup.Short);

    public static readonly Peer[] Peers = [.. new[] { Peer.RvJit, Peer.Qemu, Peer.Native }.Select(name => new Peer(name, "", _ => []))];

    public static Row Of(GuestProgram program, double rvjit, double qemu, double native) => new(
        program, [Measured(Peer.RvJit, rvjit), Measured(Peer.Qemu, qemu), Measured(Peer.Native, native)], null);

    public static ComparisonFile File(params Row[] rows) => ComparisonFile.Of(MachineFacts.Read(), Peers, ["nobody: away"], 1, rows);

    public static Measurement Measured(string peer, double seconds) => new(peer, [new Sample(seconds, seconds, 0, 1024)]);
}
