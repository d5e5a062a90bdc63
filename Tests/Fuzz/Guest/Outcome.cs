namespace RvJit.Fuzz.Guest;

/// <summary>Linux's numbers of the signals that stop a program.</summary>
internal enum StopSignal : ulong
{
    Illegal = 4,
    Trap = 5,
    Bus = 7,
    Segmentation = 11,
}

/// <summary>The registers where a program stopped, for good or at a checkpoint.</summary>
/// <param name="Signal">Why.</param>
/// <param name="Address">The address that could not be accessed; 0 for other signals.</param>
/// <param name="Pc">The instruction that did not complete.</param>
internal sealed record Stop(StopSignal Signal, ulong Address, ulong Pc, ulong[] X, ulong[] F, uint Fcsr);

/// <summary>All that can be seen of one execution.</summary>
/// <param name="Stops">Checkpoints, and the end.</param>
/// <param name="Data">The data area at the end.</param>
/// <param name="Top">The top page at the end.</param>
/// <param name="Failure">Why there is no end: too long, or the executor broke. Then nothing else counts.</param>
internal sealed record Outcome(IReadOnlyList<Stop> Stops, byte[] Data, byte[] Top, string? Failure = null)
{
    public static Outcome Failed(string why) => new([], [], [], why);
}
