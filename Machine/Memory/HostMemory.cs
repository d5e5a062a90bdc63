using System.Globalization;
using System.Runtime.InteropServices;

namespace RvJit.Machine;

/// <summary>The few host memory calls the machine stands on (Linux).</summary>
public static unsafe partial class HostMemory
{
    public const int PageSize = 4096;
    public const int PageShift = 12;

    private const int ProtNone = 0;
    private const int ProtRead = 1;
    private const int ProtWrite = 2;
    private const int ProtExec = 4;
    private const int MapShared = 1;
    private const int MapPrivate = 2;
    private const int MapFixed = 0x10;
    private const int MapAnonymous = 0x20;
    private const int MapNoReserve = 0x4000;
    private const int FallocKeepSizePunchHole = 1 | 2;
    private const uint MfdCloexecAllowSealing = 1 | 2;
    private const int FAddSeals = 1033;
    private const int SealSealShrink = 1 | 2;
    private const int MadvDontNeed = 4;
    private static readonly nint s_failed = -1;

    /// <summary>Host mappings the process may still make before the kernel's limit, which would be fatal to .NET.</summary>
    private static readonly int s_mappingLimit = ReadMappingLimit();

    private static int s_mappings;

    /// <summary>Reserves zero-filled read-write memory that costs nothing until touched.</summary>
    public static byte* Reserve(ulong bytes) => Check(
        mmap(0, (nuint)bytes, ProtRead | ProtWrite, MapPrivate | MapAnonymous | MapNoReserve, -1, 0), "reserve", bytes);

    public static void Release(byte* address, ulong bytes)
    {
        if (munmap((nint)address, (nuint)bytes) != 0)
            throw new InvalidOperationException($"munmap failed: errno {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>Covers a range with what lies behind a window: zero-fill, or inaccessible under <paramref name="trapping"/>.</summary>
    public static void MapFiller(byte* address, ulong bytes, bool trapping) => Check(
        mmap((nint)address, (nuint)bytes, trapping ? ProtNone : ProtRead | ProtWrite,
            MapPrivate | MapAnonymous | MapNoReserve | MapFixed, -1, 0), "cover", bytes);

    public static void MapSharedAt(byte* address, ulong bytes, int fd, ulong offset) => Check(
        mmap((nint)address, (nuint)bytes, ProtRead | ProtWrite, MapShared | MapNoReserve | MapFixed, fd, (nint)offset),
        "map", bytes);

    public static byte* MapSharedAnywhere(int fd, ulong bytes) => Check(
        mmap(0, (nuint)bytes, ProtRead | ProtWrite, MapShared | MapNoReserve, fd, 0), "map", bytes);

    /// <summary>Gives pages of a private anonymous range back; they read as zero again.</summary>
    public static void Discard(byte* address, ulong bytes) => _ = madvise((nint)address, (nuint)bytes, MadvDontNeed);

    /// <summary>Copies machine code into fresh memory and makes it executable, never both writable and executable.</summary>
    public static nint MakeExecutable(ReadOnlySpan<byte> code)
    {
        byte* p = Check(mmap(0, PageSize, ProtRead | ProtWrite, MapPrivate | MapAnonymous, -1, 0), "reserve", PageSize);
        code.CopyTo(new Span<byte>(p, PageSize));
        if (mprotect((nint)p, PageSize, ProtRead | ProtExec) != 0)
            throw new InvalidOperationException($"mprotect failed: errno {Marshal.GetLastPInvokeError()}");
        return (nint)p;
    }

    /// <summary>A sealed memory object: it can grow no holes behind a mapping because it can never shrink.</summary>
    public static int CreateSharedObject(string name, ulong bytes)
    {
        int fd = memfd_create(name, MfdCloexecAllowSealing);
        if (fd < 0 || ftruncate(fd, (long)bytes) != 0 || fcntl(fd, FAddSeals, SealSealShrink) != 0)
            throw new InvalidOperationException($"guest memory of {bytes} bytes cannot be made: errno {Marshal.GetLastPInvokeError()}");
        return fd;
    }

    public static void PunchHole(int fd, ulong offset, ulong bytes) =>
        _ = fallocate(fd, FallocKeepSizePunchHole, (long)offset, (long)bytes);

    public static void CloseObject(int fd) => _ = close(fd);

    /// <summary>Takes host mappings out of the process's budget; false when that would come near the fatal limit.</summary>
    public static bool TryTakeMappings(int count)
    {
        if (Interlocked.Add(ref s_mappings, count) <= s_mappingLimit)
            return true;
        Interlocked.Add(ref s_mappings, -count);
        return false;
    }

    public static void ReturnMappings(int count) => Interlocked.Add(ref s_mappings, -count);

    private static int ReadMappingLimit()
    {
        // Each separate run costs up to two kernel mappings (it splits the filler); keep a quarter for .NET itself.
        const int DefaultLimit = 65530;
        try
        {
            int limit = int.Parse(File.ReadAllText("/proc/sys/vm/max_map_count").AsSpan().Trim(), CultureInfo.InvariantCulture);
            return (limit - (limit / 4)) / 2;
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            return DefaultLimit * 3 / 8;
        }
    }

    private static byte* Check(nint p, string what, ulong bytes) => p != s_failed
        ? (byte*)p
        : throw new InvalidOperationException($"cannot {what} {bytes} bytes of host memory: errno {Marshal.GetLastPInvokeError()}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint addr, nuint length, int prot, int flags, int fd, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint addr, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mprotect(nint addr, nuint length, int prot);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int madvise(nint addr, nuint length, int advice);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int fd, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int fd, int cmd, int arg);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(int fd, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int fd);
}
