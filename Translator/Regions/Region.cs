using System.Diagnostics;
using System.Reflection.Emit;

namespace RvJit.Translator.Regions;

/// <summary>A piece of guest code translated to one method.</summary>
/// <param name="Entries">Guest addresses at which it can be entered; the first is the one it was made for.</param>
/// <param name="Pages">Guest pages its instructions come from.</param>
/// <param name="Method">Keeps the machine code alive.</param>
/// <param name="Code">long(byte* state, byte* memory, long pc).</param>
/// <param name="Instructions">Guest instructions translated.</param>
/// <param name="IlBytes">Size of its IL.</param>
/// <param name="Number">Identifies it among all of the engine, from 1.</param>
/// <param name="Care">Which bets its address checks do not make.</param>
public sealed record Region(
    ulong[] Entries, ulong[] Pages, DynamicMethod Method, nint Code, int Instructions, int IlBytes, int Number, RegionCare Care)
{
    /// <summary>A region that was left more often because of address checks is worth a slower translation that is not.</summary>
    internal const int MostFailedChecks = 200;

    /// <summary>Where the blocks of the region's own function begin.</summary>
    public required ulong[] Inside { get; init; }

    /// <summary>Places of the function that branches of the region go to and that are not part of it.</summary>
    public required ulong[] LeftOut { get; init; }

    /// <summary>Guest instructions without those of copied callees.</summary>
    public required int OwnInstructions { get; init; }

    /// <summary>Functions that it calls without having copied them.</summary>
    public required ulong[] Calls { get; init; }

    /// <summary>Loops that host vectors do.</summary>
    public required int LaneLoops { get; init; }

    /// <summary>Whether another translation would hold the same blocks, entered at the same places, by IL of the same size.</summary>
    internal bool IsAs(ulong[] entries, ulong[] inside, int ilBytes, RegionCare care) =>
        IlBytes == ilBytes && Care == care && Entries.AsSpan().SequenceEqual(entries) && Inside.AsSpan().SequenceEqual(inside);

    /// <summary>When it was made, in units of <see cref="Stopwatch"/>.</summary>
    internal long Made { get; } = Stopwatch.GetTimestamp();

    /// <summary>How often it was left because the check of an access failed.</summary>
    internal int FailedChecks { get; set; }

    /// <summary>How often because a check before a loop failed.</summary>
    internal int FailedLoops { get; set; }
}
