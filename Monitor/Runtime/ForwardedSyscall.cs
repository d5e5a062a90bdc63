namespace RvJit.Monitor.Runtime;

/// <summary>
/// A system call on its way through the host: the eapp's arguments and every length that bounds the answer, in private
/// memory, where the host cannot change them between check and use.
/// </summary>
internal struct ForwardedSyscall(ulong number, ulong a0, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5)
{
    /// <summary>The results that a truthful host can give; anything else is no answer.</summary>
    public long MinimumResult;
    public long MaximumResult;

    /// <summary>Bytes of the eapp's buffer that the answer may fill.</summary>
    public int Capacity;

    /// <summary>Lengths in the shared buffer are believed, whatever the eapp has room for (stock model).</summary>
    public bool TrustsHostLengths;

    public readonly ulong Number => number;

    public readonly ulong A0 => a0;

    public readonly ulong A1 => a1;

    public readonly ulong A2 => a2;

    public readonly ulong A3 => a3;

    public readonly ulong A4 => a4;

    public readonly ulong A5 => a5;

    /// <summary>Whether a host that tells the truth can have said this: a result in bounds, or an errno.</summary>
    public readonly bool Admits(long result)
    {
        const long LowestErrno = -4095;
        return result < 0 ? result >= LowestErrno : result >= MinimumResult && result <= MaximumResult;
    }
}
