using System.Runtime.InteropServices;

namespace RvJit.Guest.Linux.Files.Host;

/// <summary>struct pollfd, the same for guest and host.</summary>
internal record struct PollEntry(int Descriptor, short Events, short Returned);

/// <summary>Waiting for descriptors.</summary>
internal static unsafe partial class HostCalls
{
    /// <summary>A null time waits for ever. The signal mask is never changed: signals of the host are .NET's business.</summary>
    public static long Poll(PollEntry* entries, nuint count, TimeSpec* time) => Result(ppoll(entries, count, time, null));

    public static long EpollCreate(int flags) => Result(epoll_create1(flags));

    public static long EpollControl(int epoll, int operation, int fd, void* hostEvent) => Result(epoll_ctl(epoll, operation, fd, hostEvent));

    public static long EpollWait(int epoll, void* hostEvents, int count, int milliseconds) =>
        Result(epoll_wait(epoll, hostEvents, count, milliseconds));

    public static long TimerCreate(int clock, int flags) => Result(timerfd_create(clock, flags));

    public static long TimerSet(int fd, int flags, void* value, void* old) => Result(timerfd_settime(fd, flags, value, old));

    public static long TimerGet(int fd, void* value) => Result(timerfd_gettime(fd, value));

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ppoll(PollEntry* entries, nuint count, TimeSpec* time, void* mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int fd, void* hostEvent);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, void* hostEvents, int count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int timerfd_create(int clock, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int timerfd_settime(int fd, int flags, void* value, void* old);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int timerfd_gettime(int fd, void* value);
}
