namespace RvJit.Monitor.Sbi;

/// <summary>Error codes in a0 (RISC-V Supervisor Binary Interface 2.0, chapter "Binary Encoding").</summary>
public enum SbiError : long
{
    Success = 0,
    Failed = -1,
    NotSupported = -2,
    InvalidParameter = -3,
    Denied = -4,
    InvalidAddress = -5,
    AlreadyAvailable = -6,
    AlreadyStarted = -7,
    AlreadyStopped = -8,
}

/// <summary>Extension ids in a7 (SBI 2.0, the chapter of each extension).</summary>
public static class SbiExtension
{
    public const ulong LegacySetTimer = 0x00;
    public const ulong LegacyPutCharacter = 0x01;
    public const ulong LegacyGetCharacter = 0x02;
    public const ulong LegacyShutdown = 0x08;
    public const ulong Base = 0x10;
    public const ulong Time = 0x5449_4D45;
    public const ulong Ipi = 0x0073_5049;
    public const ulong RemoteFence = 0x5246_4E43;
    public const ulong HartState = 0x0048_534D;
    public const ulong SystemReset = 0x5352_5354;
    public const ulong DebugConsole = 0x4442_434E;
}

/// <summary>States of a hart (SBI 2.0, "Hart State Management Extension").</summary>
public enum SbiHartState
{
    Started = 0,
    Stopped = 1,
    StartPending = 2,
    StopPending = 3,
    Suspended = 4,
}

/// <summary>Reset types (SBI 2.0, "System Reset Extension").</summary>
public enum SbiResetType : uint
{
    Shutdown = 0,
    ColdReboot = 1,
    WarmReboot = 2,
}

/// <summary>What a call returns: a0 and a1.</summary>
public readonly record struct SbiResult(SbiError Error, ulong Value = 0)
{
    public static readonly SbiResult NotSupported = new(SbiError.NotSupported);

    public static SbiResult Of(ulong value) => new(SbiError.Success, value);

    public static implicit operator SbiResult(SbiError error) => new(error);
}
