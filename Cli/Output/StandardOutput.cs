using System.Text;

namespace RvJit.Cli.Output;

/// <summary>
/// Standard output for long listings. Unlike Console.Out it fails when the reader has gone, so that
/// <c>rvjit disasm FILE | head</c> ends at once.
/// </summary>
public static class StandardOutput
{
    private const int BufferBytes = 1 << 16;
    private const int BrokenPipe = 32;

    public static StreamWriter Open()
    {
        var stream = new DescriptorStream(DescriptorStream.StandardOutput, FileAccess.Write);
        return new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), BufferBytes);
    }

    public static bool IsBrokenPipe(Exception error) => error is IOException && error.HResult == BrokenPipe;
}
