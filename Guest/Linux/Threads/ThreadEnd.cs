namespace RvJit.Guest.Linux.Threads;

/// <summary>What a thread that ends owes the others.</summary>
internal static class ThreadEnd
{
    /// <summary>CLONE_CHILD_CLEARTID: whoever joins the thread waits for this word to become 0.</summary>
    public static void ClearTid(LinuxThread thread)
    {
        if (thread.ClearTidAddress == 0 || !thread.World.TryWrite(thread.ClearTidAddress, 0))
            return;
        _ = thread.Process.Futexes.Wake(thread.ClearTidAddress, 1, uint.MaxValue);
    }
}
