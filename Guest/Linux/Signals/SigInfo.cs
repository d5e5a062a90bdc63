using System.Runtime.InteropServices;

namespace RvJit.Guest.Linux.Signals;

/// <summary>siginfo_t (asm-generic/siginfo.h) of a 64-bit kernel; the fields that overlap are named by use.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct SigInfo
{
    public const int Size = 128;

    /// <summary>si_code: sent by kill, sigqueue, tgkill, or the kernel itself.</summary>
    public const int User = 0;
    public const int Kernel = 0x80;
    public const int Queue = -1;
    public const int Timer = -2;
    public const int ThreadKill = -6;

    /// <summary>si_code of SIGSEGV: no area there; no such right in the area.</summary>
    public const int SegvMapErr = 1;
    public const int SegvAccErr = 2;
    public const int BusAdrAln = 1;
    public const int BusAdrErr = 2;
    public const int IllIllOpc = 1;
    public const int TrapBrkpt = 1;

    [FieldOffset(0)] public int Signal;
    [FieldOffset(4)] public int Errno;
    [FieldOffset(8)] public int Code;

    [FieldOffset(16)] public int Pid;
    [FieldOffset(20)] public uint Uid;

    /// <summary>si_value of queued signals, and si_status of SIGCHLD in its low half.</summary>
    [FieldOffset(24)] public ulong Value;

    /// <summary>si_addr of faults.</summary>
    [FieldOffset(16)] public ulong Address;

    public static SigInfo Fault(int signal, int code, ulong address) => new() { Signal = signal, Code = code, Address = address };

    public static SigInfo From(int signal, int code, int pid, uint uid) => new() { Signal = signal, Code = code, Pid = pid, Uid = uid };
}

/// <summary>What a process does on a signal: struct sigaction of asm-generic/signal.h without sa_restorer, which riscv has not.</summary>
public readonly record struct SigAction(ulong Handler, ulong Flags, ulong Mask)
{
    public const int Size = 24;

    public const ulong Default = 0;
    public const ulong Ignore = 1;

    public const ulong SaSigInfo = 4;
    public const ulong SaOnStack = 0x0800_0000;
    public const ulong SaRestart = 0x1000_0000;
    public const ulong SaNoDefer = 0x4000_0000;
    public const ulong SaResetHand = 0x8000_0000;

    public bool Ignores(int signal) => Handler == Ignore || (Handler == Default && Linux.Signals.Signal.IsIgnoredByDefault(signal));
}

/// <summary>stack_t: where handlers with SA_ONSTACK run.</summary>
public readonly record struct AlternateStack(ulong Base, int Flags, ulong Bytes)
{
    public const int OnStack = 1;
    public const int Disable = 2;
    public const int AutoDisarm = unchecked((int)0x8000_0000);
    public const ulong MinimumBytes = 2048;

    public static readonly AlternateStack None = new(0, Disable, 0);

    public bool Contains(ulong sp) => (Flags & Disable) == 0 && sp > Base && sp - Base <= Bytes;
}
