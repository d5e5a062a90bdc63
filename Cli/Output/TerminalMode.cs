using System.Runtime.InteropServices;

namespace RvJit.Cli.Output;

/// <summary>
/// Puts the terminal of standard input into raw mode, where every key goes to the guest, and back at the end.
/// Output keeps its new-line translation, because bare-metal programs print bare new-lines.
/// </summary>
public sealed unsafe partial class TerminalMode : IDisposable
{
    private const int Input = 0;
    private const int Drain = 1;

    /// <summary>Larger than struct termios of any Linux; opaque but for c_oflag, its second word.</summary>
    private const int TermiosBytes = 256;
    private const int OutputFlagsField = 4;
    private const uint OutputProcessing = 1;

    private readonly byte[] _saved = new byte[TermiosBytes];

    private TerminalMode()
    {
    }

    /// <summary>Null when standard input is no terminal.</summary>
    public static TerminalMode? TryMakeRaw()
    {
        var mode = new TerminalMode();
        byte[] raw = new byte[TermiosBytes];
        fixed (byte* saved = mode._saved, changed = raw)
        {
            if (tcgetattr(Input, saved) != 0)
                return null;
            mode._saved.CopyTo(raw.AsSpan());
            cfmakeraw(changed);
            *(uint*)(changed + OutputFlagsField) |= OutputProcessing;
            return tcsetattr(Input, Drain, changed) == 0 ? mode : null;
        }
    }

    public void Dispose()
    {
        fixed (byte* saved = _saved)
            _ = tcsetattr(Input, Drain, saved);
    }

    [LibraryImport("libc")]
    private static partial int tcgetattr(int descriptor, byte* mode);

    [LibraryImport("libc")]
    private static partial int tcsetattr(int descriptor, int when, byte* mode);

    [LibraryImport("libc")]
    private static partial void cfmakeraw(byte* mode);
}
