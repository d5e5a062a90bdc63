namespace RvJit.Monitor.Runtime;

/// <summary>Linux errors that the runtime itself answers with, negated (asm-generic/errno-base.h, errno.h).</summary>
internal static class RuntimeError
{
    public const long NotPermitted = -1;
    public const long TryAgain = -11;
    public const long NoMemory = -12;
    public const long BadAddress = -14;
    public const long Invalid = -22;
    public const long NoSuchCall = -38;
    public const long MessageTooLong = -90;
    public const long TimedOut = -110;
}
