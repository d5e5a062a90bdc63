using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>
/// Keeps guests out of the emulator's own entries in /proc. A guest may open whatever its user may, but through
/// /proc/self/mem it would reach memory that its world does not show: an enclave's, for one. The check is made on what
/// was opened, so no spelling of the path and no link gets around it.
/// </summary>
internal static unsafe class EmulatorGuard
{
    private static readonly ulong s_proc = DeviceOfProc();

    /// <summary>Entries that tell nothing which a guest could use; with all others the process speaks of itself as a host program.</summary>
    private static readonly HashSet<string> s_harmless =
    [
        "status", "stat", "statm", "limits", "io", "cgroup", "mountinfo", "mounts", "mountstats", "comm", "oom_score",
        "oom_score_adj", "oom_adj", "loginuid", "sessionid", "sched", "schedstat", "wchan", "cpuset", "uid_map", "gid_map",
        "setgroups", "timerslack_ns", "task", "net", "ns", "attr", "cmdline", "autogroup", "coredump_filter",
    ];

    public static bool Allows(HostFile file)
    {
        if (file.Device != s_proc)
            return true;
        string[] parts = file.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["proc", var who, .. var entry] || who != Environment.ProcessId.ToString())
            return true;
        if (entry is ["task", _, .. var ofThread])
            entry = ofThread;
        return entry.Length == 0 || s_harmless.Contains(entry[0]);
    }

    private static ulong DeviceOfProc()
    {
        byte* buffer = stackalloc byte[FileStatus.StatxSize];
        fixed (byte* path = "/proc\0"u8)
        {
            return HostCalls.Statx(HostCalls.CurrentDirectory, path, 0, FileStatus.BasicMask, buffer) < 0
                ? ulong.MaxValue
                : FileStatus.FromStatx(new ReadOnlySpan<byte>(buffer, FileStatus.StatxSize)).Device;
        }
    }
}
