namespace RvJit.Monitor.Runtime;

/// <summary>Linux system calls the runtime knows (asm-generic/unistd.h; Keystone runtime/include/call/syscall_nums.h).</summary>
public static class LinuxCall
{
    public const ulong Getcwd = 17;
    public const ulong EpollCreate1 = 20;
    public const ulong EpollCtl = 21;
    public const ulong EpollPwait = 22;
    public const ulong Fcntl = 25;
    public const ulong Unlinkat = 35;
    public const ulong Ftruncate = 46;
    public const ulong Chdir = 49;
    public const ulong Openat = 56;
    public const ulong Close = 57;
    public const ulong Pipe2 = 59;
    public const ulong Lseek = 62;
    public const ulong Read = 63;
    public const ulong Write = 64;
    public const ulong Readv = 65;
    public const ulong Writev = 66;
    public const ulong Sendfile = 71;
    public const ulong Pselect6 = 72;
    public const ulong Newfstatat = 79;
    public const ulong Fstat = 80;
    public const ulong Sync = 81;
    public const ulong Fsync = 82;
    public const ulong Exit = 93;
    public const ulong ExitGroup = 94;
    public const ulong SetTidAddress = 96;
    public const ulong ClockGettime = 113;
    public const ulong RtSigaction = 134;
    public const ulong RtSigprocmask = 135;
    public const ulong Uname = 160;
    public const ulong Umask = 166;
    public const ulong Getpid = 172;
    public const ulong Getuid = 174;
    public const ulong Socket = 198;
    public const ulong Bind = 200;
    public const ulong Listen = 201;
    public const ulong Accept = 202;
    public const ulong Connect = 203;
    public const ulong Getsockname = 204;
    public const ulong Getpeername = 205;
    public const ulong Sendto = 206;
    public const ulong Recvfrom = 207;
    public const ulong Setsockopt = 208;
    public const ulong Brk = 214;
    public const ulong Munmap = 215;
    public const ulong Mmap = 222;
    public const ulong Mprotect = 226;
    public const ulong Renameat2 = 276;
    public const ulong Getrandom = 278;
}

/// <summary>
/// A system call on its way through the host: the eapp's arguments and every length that bounds the answer, in private
/// memory, where the host cannot change them between check and use.
/// </summary>
internal struct ForwardedSyscall(ulong number, ulong a0, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5)
{
    /// <summary>The largest result that a truthful host can give; larger ones become -1.</summary>
    public long MaximumResult;

    /// <summary>Bytes of the eapp's buffer that the answer may fill.</summary>
    public int Capacity;

    public readonly ulong Number => number;

    public readonly ulong A0 => a0;

    public readonly ulong A1 => a1;

    public readonly ulong A2 => a2;

    public readonly ulong A3 => a3;

    public readonly ulong A4 => a4;

    public readonly ulong A5 => a5;

    /// <summary>A host's result as the eapp may see it: at most the maximum, or an errno.</summary>
    public readonly long Sanitise(long result)
    {
        const long LowestErrno = -4095;
        return result >= LowestErrno && result <= MaximumResult ? result : -1;
    }
}
