namespace RvJit.Monitor.Runtime;

/// <summary>
/// The descriptors that the eapp has open, as far as the host told: a host that gives a new file the number of an open
/// one could lead what the eapp writes somewhere else.
/// </summary>
internal sealed class DescriptorSet
{
    private const ulong DuplicateFd = 0; // F_DUPFD, Linux include/uapi/linux/fcntl.h
    private const ulong DuplicateFdCloseOnExec = 1030;

    private readonly HashSet<long> _open = [0, 1, 2];

    /// <summary>Whether a call can have that result now.</summary>
    public bool Admits(in ForwardedSyscall call, long result) => result < 0 || !Makes(call) || !_open.Contains(result);

    public void Note(in ForwardedSyscall call, long result)
    {
        if (result < 0)
            return;
        if (Makes(call))
            _open.Add(result);
        else if (call.Number == LinuxCall.Close && (uint)call.A0 > 2)
            _open.Remove((uint)call.A0);
    }

    /// <summary>The two ends of a pipe: new, and not the same.</summary>
    public bool TryAddPipe(int first, int second) =>
        first >= 0 && second >= 0 && first != second && !_open.Contains(second) && _open.Add(first) && _open.Add(second);

    private static bool Makes(in ForwardedSyscall call) =>
        call.Number is LinuxCall.Openat or LinuxCall.Socket or LinuxCall.Accept or LinuxCall.EpollCreate1
        || (call.Number == LinuxCall.Fcntl && call.A1 is DuplicateFd or DuplicateFdCloseOnExec);
}
