using RvJit.Machine;

namespace RvJit.Guest.Linux;

/// <summary>One Linux thread: a hart, run by one host thread.</summary>
public sealed class LinuxThread(LinuxProcess process, Hart hart, int tid)
{
    public LinuxProcess Process { get; } = process;

    public Hart Hart { get; } = hart;

    public int Tid { get; } = tid;

    public World World => Process.World;
}
