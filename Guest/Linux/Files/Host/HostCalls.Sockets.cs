using System.Runtime.InteropServices;

namespace RvJit.Guest.Linux.Files.Host;

/// <summary>struct msghdr of a 64-bit little-endian Linux, with host addresses.</summary>
internal unsafe struct HostMessage
{
    public byte* Name;
    public uint NameLength;
    public HostVector* Vectors;
    public nuint VectorCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary>Sockets.</summary>
internal static unsafe partial class HostCalls
{
    public static long Socket(int domain, int type, int protocol) => Result(socket(domain, type, protocol));

    public static long SocketPair(int domain, int type, int protocol, int* pair) => Result(socketpair(domain, type, protocol, pair));

    public static long Bind(int fd, byte* address, uint length) => Result(bind(fd, address, length));

    public static long Listen(int fd, int backlog) => Result(listen(fd, backlog));

    public static long Accept(int fd, byte* address, uint* length, int flags) => Result(accept4(fd, address, length, flags));

    public static long Connect(int fd, byte* address, uint length) => Result(connect(fd, address, length));

    public static long SocketName(int fd, byte* address, uint* length) => Result(getsockname(fd, address, length));

    public static long PeerName(int fd, byte* address, uint* length) => Result(getpeername(fd, address, length));

    public static long SetOption(int fd, int level, int name, byte* value, uint length) => Result(setsockopt(fd, level, name, value, length));

    public static long GetOption(int fd, int level, int name, byte* value, uint* length) => Result(getsockopt(fd, level, name, value, length));

    public static long Shutdown(int fd, int how) => Result(shutdown(fd, how));

    public static long SendMessage(int fd, HostMessage* message, int flags) => Result(sendmsg(fd, message, flags));

    public static long ReceiveMessage(int fd, HostMessage* message, int flags) => Result(recvmsg(fd, message, flags));

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int fd, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int listen(int fd, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int fd, byte* address, uint* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int fd, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockname(int fd, byte* address, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getpeername(int fd, byte* address, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int name, byte* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int fd, int level, int name, byte* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int shutdown(int fd, int how);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int fd, HostMessage* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(int fd, HostMessage* message, int flags);
}
