using System.Runtime.InteropServices;

namespace RvJit.Guest.Linux.Files.Host;

/// <summary>Moving bytes.</summary>
internal static unsafe partial class HostCalls
{
    public static long Read(int fd, byte* buffer, nuint count) => Result(read(fd, buffer, count));

    public static long Write(int fd, byte* buffer, nuint count) => Result(write(fd, buffer, count));

    public static long ReadAt(int fd, byte* buffer, nuint count, long offset) => Result(pread(fd, buffer, count, offset));

    public static long WriteAt(int fd, byte* buffer, nuint count, long offset) => Result(pwrite(fd, buffer, count, offset));

    public static long ReadVector(int fd, HostVector* vectors, int count) => Result(readv(fd, vectors, count));

    public static long WriteVector(int fd, HostVector* vectors, int count) => Result(writev(fd, vectors, count));

    public static long ReadVectorAt(int fd, HostVector* vectors, int count, long offset) =>
        Result(preadv(fd, vectors, count, offset));

    public static long WriteVectorAt(int fd, HostVector* vectors, int count, long offset) =>
        Result(pwritev(fd, vectors, count, offset));

    public static long Seek(int fd, long offset, int whence) => Result(lseek(fd, offset, whence));

    public static long Close(int fd) => Result(close(fd));

    public static long Fcntl(int fd, int command, nint argument) => Result(fcntl(fd, command, argument));

    public static long Ioctl(int fd, uint request, void* argument) => Result(ioctl(fd, request, argument));

    public static long EventDescriptor(uint initial, int flags) => Result(eventfd(initial, flags));

    public static long Pipe(int* pair, int flags) => Result(pipe2(pair, flags));

    public static long MemoryDescriptor(byte* name, uint flags) => Result(memfd_create(name, flags));

    public static long SendFile(int to, int from, long* offset, nuint count) => Result(sendfile(to, from, offset, count));

    public static long CopyRange(int from, long* fromOffset, int to, long* toOffset, nuint count, uint flags) =>
        Result(copy_file_range(from, fromOffset, to, toOffset, count, flags));

    public static long Truncate(int fd, long length) => Result(ftruncate(fd, length));

    public static long Allocate(int fd, int mode, long offset, long length) => Result(fallocate(fd, mode, offset, length));

    public static long Synchronise(int fd) => Result(fsync(fd));

    public static long SynchroniseData(int fd) => Result(fdatasync(fd));

    public static long SynchroniseFileSystem(int fd) => Result(syncfs(fd));

    public static void SynchroniseAll() => sync();

    /// <summary>Returns the error itself, not through errno.</summary>
    public static long Advise(int fd, long offset, long length, int advice) => -posix_fadvise(fd, offset, length, advice);

    public static long Lock(int fd, int operation) => Result(flock(fd, operation));

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pread(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pwrite(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint readv(int fd, HostVector* vectors, int count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint writev(int fd, HostVector* vectors, int count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint preadv(int fd, HostVector* vectors, int count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pwritev(int fd, HostVector* vectors, int count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(int fd, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int fd);

    // Variadic in C; the calling conventions of x86-64 and Arm64 Linux pass integers to variadic functions as to others.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int fd, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* pair, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int memfd_create(byte* name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendfile(int to, int from, long* offset, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint copy_file_range(int from, long* fromOffset, int to, long* toOffset, nuint count, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int fd, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(int fd, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(int fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(int fd);

    [LibraryImport("libc")]
    private static partial void sync();

    [LibraryImport("libc")]
    private static partial int posix_fadvise(int fd, long offset, long length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int fd, int operation);
}
