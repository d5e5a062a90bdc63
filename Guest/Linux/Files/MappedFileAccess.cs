using RvJit.Guest.Linux.Mapping;

namespace RvJit.Guest.Linux.Files;

/// <summary>Keeps transfers through descriptors and shared mappings of the same file in agreement.</summary>
internal static class MappedFileAccess
{
    private const int FromCurrent = 1;
    private const long NotMapped = -1;

    public static void BeforeRead(LinuxThread thread, HostFile file, long offset, ulong bytes)
    {
        MemoryMap map = thread.Process.Map;
        if (map.HasSharedFiles && map.IsShared(file.Identity))
            map.FlushFile(file.Identity, Math.Max(0, offset >= 0 ? offset : file.Seek(0, FromCurrent)), bytes);
    }

    /// <summary>Where the write will go, or <see cref="NotMapped"/>, for <see cref="AfterWrite"/>.</summary>
    public static long BeforeWrite(LinuxThread thread, HostFile file, long offset, ulong bytes)
    {
        MemoryMap map = thread.Process.Map;
        if (!map.HasSharedFiles || !map.IsShared(file.Identity))
            return NotMapped;
        long at = (file.StatusFlags & OpenFlags.Append) != 0 ? file.Status().Size : offset >= 0 ? offset : file.Seek(0, FromCurrent);
        at = Math.Max(0, at);
        map.FlushFile(file.Identity, at, bytes);
        return at;
    }

    public static long AfterWrite(LinuxThread thread, HostFile file, long at, long result)
    {
        if (at != NotMapped && result > 0)
            thread.Process.Map.ReloadFile(file.Identity, at, (ulong)result);
        return result;
    }
}
