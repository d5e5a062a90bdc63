using System.Collections.Frozen;

namespace RvJit.Guest.Linux;

/// <summary>
/// How the trace shows arguments, a letter each: d int, u unsigned, x address or bits, s string, b bytes whose length
/// is the next argument, g signal.
/// </summary>
internal static class TraceFormats
{
    private const string AnyCall = "xxxxxx";

    private static readonly FrozenDictionary<string, string> s_formats = new Dictionary<string, string>
    {
        ["getcwd"] = "xu", ["dup"] = "d", ["dup3"] = "ddx", ["fcntl"] = "ddx", ["ioctl"] = "dxx", ["flock"] = "dd",
        ["mkdirat"] = "dsx", ["unlinkat"] = "dsx", ["symlinkat"] = "sds", ["linkat"] = "dsdsx", ["renameat"] = "dsds",
        ["renameat2"] = "dsdsx", ["statfs"] = "sx", ["fstatfs"] = "dx", ["ftruncate"] = "du", ["truncate"] = "su",
        ["faccessat"] = "dsx", ["faccessat2"] = "dsxx", ["chdir"] = "s", ["fchdir"] = "d", ["fchmod"] = "dx",
        ["fchmodat"] = "dsx", ["openat"] = "dsxx", ["close"] = "d", ["pipe2"] = "xx", ["getdents64"] = "dxu",
        ["lseek"] = "ddd", ["read"] = "dxu", ["write"] = "dbu", ["readv"] = "dxd", ["writev"] = "dxd",
        ["pread64"] = "dxuu", ["pwrite64"] = "dbuu", ["ppoll"] = "xuxxx", ["readlinkat"] = "dsxu",
        ["newfstatat"] = "dsxx", ["fstat"] = "dx", ["statx"] = "dsxxx", ["utimensat"] = "dsxx",
        ["exit"] = "d", ["exit_group"] = "d", ["set_tid_address"] = "x", ["futex"] = "xxuxxx", ["set_robust_list"] = "xu",
        ["nanosleep"] = "xx", ["clock_gettime"] = "dx", ["clock_getres"] = "dx", ["clock_nanosleep"] = "dxxx",
        ["sched_yield"] = "", ["sched_getaffinity"] = "dux", ["sched_setaffinity"] = "dux", ["kill"] = "dg",
        ["tkill"] = "dg", ["tgkill"] = "ddg", ["sigaltstack"] = "xx", ["rt_sigaction"] = "gxxu", ["rt_sigprocmask"] = "dxxu",
        ["rt_sigpending"] = "xu", ["rt_sigsuspend"] = "xu", ["rt_sigtimedwait"] = "xxxu", ["rt_sigreturn"] = "",
        ["uname"] = "x", ["getrlimit"] = "dx", ["setrlimit"] = "dx", ["getrusage"] = "dx", ["umask"] = "x",
        ["prctl"] = "dxxxx", ["gettimeofday"] = "xx", ["getpid"] = "", ["getppid"] = "", ["getuid"] = "", ["geteuid"] = "",
        ["getgid"] = "", ["getegid"] = "", ["gettid"] = "", ["sysinfo"] = "x", ["brk"] = "x", ["munmap"] = "xu",
        ["mremap"] = "xuuxx", ["clone"] = "xxxxx", ["execve"] = "sxx", ["mmap"] = "xuxxdx", ["mprotect"] = "xux",
        ["msync"] = "xux", ["madvise"] = "xud", ["mincore"] = "xux", ["wait4"] = "dxxx", ["prlimit64"] = "ddxx",
        ["getrandom"] = "xux", ["riscv_hwprobe"] = "xuuxx", ["riscv_flush_icache"] = "xxx", ["rseq"] = "xuxx",
        ["clone3"] = "xu", ["membarrier"] = "dxd", ["times"] = "x", ["getcpu"] = "xxx",
    }.ToFrozenDictionary();

    public static string Of(string name) => s_formats.GetValueOrDefault(name, AnyCall);

    public static bool ResultIsAddress(string name) => name is "brk" or "mmap" or "mremap" or "shmat";
}
