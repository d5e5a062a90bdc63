namespace RvJit.Guest.Linux.Signals;

/// <summary>Signal numbers (asm-generic/signal.h) and what they do by default (signal(7)).</summary>
public static class Signal
{
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGQUIT = 3;
    public const int SIGILL = 4;
    public const int SIGTRAP = 5;
    public const int SIGABRT = 6;
    public const int SIGBUS = 7;
    public const int SIGFPE = 8;
    public const int SIGKILL = 9;
    public const int SIGUSR1 = 10;
    public const int SIGSEGV = 11;
    public const int SIGUSR2 = 12;
    public const int SIGPIPE = 13;
    public const int SIGALRM = 14;
    public const int SIGTERM = 15;
    public const int SIGSTKFLT = 16;
    public const int SIGCHLD = 17;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;
    public const int SIGTSTP = 20;
    public const int SIGTTIN = 21;
    public const int SIGTTOU = 22;
    public const int SIGURG = 23;
    public const int SIGXCPU = 24;
    public const int SIGXFSZ = 25;
    public const int SIGVTALRM = 26;
    public const int SIGPROF = 27;
    public const int SIGWINCH = 28;
    public const int SIGIO = 29;
    public const int SIGPWR = 30;
    public const int SIGSYS = 31;

    /// <summary>SIGRTMIN of the kernel: from here on signals queue.</summary>
    public const int FirstRealTime = 32;

    /// <summary>_NSIG.</summary>
    public const int Last = 64;

    /// <summary>Neither can be blocked, caught or ignored.</summary>
    public const ulong Unblockable = (1UL << (SIGKILL - 1)) | (1UL << (SIGSTOP - 1));

    /// <summary>Delivered before others: they belong to the instruction that just failed.</summary>
    public const ulong Synchronous = (1UL << (SIGSEGV - 1)) | (1UL << (SIGBUS - 1)) | (1UL << (SIGILL - 1))
        | (1UL << (SIGTRAP - 1)) | (1UL << (SIGFPE - 1)) | (1UL << (SIGSYS - 1));

    private static readonly string[] s_names =
    [
        "0", nameof(SIGHUP), nameof(SIGINT), nameof(SIGQUIT), nameof(SIGILL), nameof(SIGTRAP), nameof(SIGABRT), nameof(SIGBUS),
        nameof(SIGFPE), nameof(SIGKILL), nameof(SIGUSR1), nameof(SIGSEGV), nameof(SIGUSR2), nameof(SIGPIPE), nameof(SIGALRM),
        nameof(SIGTERM), nameof(SIGSTKFLT), nameof(SIGCHLD), nameof(SIGCONT), nameof(SIGSTOP), nameof(SIGTSTP), nameof(SIGTTIN),
        nameof(SIGTTOU), nameof(SIGURG), nameof(SIGXCPU), nameof(SIGXFSZ), nameof(SIGVTALRM), nameof(SIGPROF), nameof(SIGWINCH),
        nameof(SIGIO), nameof(SIGPWR), nameof(SIGSYS),
    ];

    public static bool IsValid(int signal) => signal is >= 1 and <= Last;

    public static ulong Bit(int signal) => 1UL << (signal - 1);

    /// <summary>Stopping is not modelled, so the stop signals count as ignored too.</summary>
    public static bool IsIgnoredByDefault(int signal) =>
        signal is SIGCHLD or SIGCONT or SIGURG or SIGWINCH or SIGSTOP or SIGTSTP or SIGTTIN or SIGTTOU;

    public static string NameOf(int signal) =>
        signal < s_names.Length ? s_names[signal] : $"SIGRT_{signal - FirstRealTime}";
}
