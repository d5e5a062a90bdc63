using RvJit.Machine;
using RvJit.Machine.Board;

namespace RvJit.Monitor.Sbi;

/// <summary>
/// What the firmware needs of the board under it. Harts are numbered by their mhartid, from 0. Called from the thread
/// of the hart that made the call.
/// </summary>
public interface ISbiPlatform
{
    int HartCount { get; }

    DmaMemory Memory { get; }

    /// <summary>The supervisor timer interrupt of a hart is pending from this value of mtime on, and not before.</summary>
    void SetTimer(int hart, ulong time);

    /// <summary>Makes a supervisor software interrupt pending at a hart.</summary>
    void SendIpi(int hart);

    /// <summary>
    /// Returns once the hart no longer uses translations, of the given address space or of all, made before the call.
    /// </summary>
    void FenceTranslation(int hart, ulong start, ulong size, ulong? space);

    /// <summary>Returns once the hart's later fetches see stores made before the call.</summary>
    void FenceInstruction(int hart);

    SbiHartState StateOf(int hart);

    /// <summary>Starts a stopped hart in S-mode, translation and interrupts off. False: it was not stopped.</summary>
    bool TryStart(int hart, ulong address, ulong opaque);

    /// <summary>The hart asked to be stopped: its thread leaves guest code when the call is over.</summary>
    void Stop(int hart);

    /// <summary>Waits, as wfi does, until an interrupt that the hart has enabled is pending.</summary>
    void Suspend(Hart hart);

    /// <summary>The machine ends; every hart leaves soon.</summary>
    void Reset(SbiResetType type, bool failure);

    void WriteConsole(ReadOnlySpan<byte> bytes);

    /// <summary>Takes what was typed, without waiting; returns how many bytes.</summary>
    int ReadConsole(Span<byte> bytes);
}
