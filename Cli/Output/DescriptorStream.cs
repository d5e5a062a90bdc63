using System.Runtime.InteropServices;

namespace RvJit.Cli.Output;

/// <summary>
/// One of the standard descriptors, unbuffered, at the position that it shares with other processes: FileStream keeps a
/// position of its own, so that what a script prints next would overwrite ours. Fails when the reader has gone.
/// </summary>
public sealed unsafe partial class DescriptorStream(int descriptor, FileAccess access) : Stream
{
    public const int StandardInput = 0;
    public const int StandardOutput = 1;

    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const short PollIn = 1;
    private const short PollOut = 4;
    private const int Forever = -1;

    public override bool CanRead => access == FileAccess.Read;

    public override bool CanWrite => access == FileAccess.Write;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            while (true)
            {
                nint count = read(descriptor, bytes, (nuint)buffer.Length);
                if (count >= 0)
                    return (int)count;
                Recover(PollIn);
            }
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            for (nint done = 0; done < buffer.Length;)
            {
                nint count = write(descriptor, bytes + done, (nuint)(buffer.Length - done));
                if (count >= 0)
                    done += count;
                else
                    Recover(PollOut);
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Returns when the call may be tried again.</summary>
    private void Recover(short events)
    {
        int error = Marshal.GetLastPInvokeError();
        switch (error)
        {
            case Interrupted:
                return;
            case TryAgain:
                var wait = new PollEntry { Descriptor = descriptor, Events = events };
                _ = poll(&wait, 1, Forever);
                return;
            default:
                throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        }
    }

    /// <summary>struct pollfd (poll(2)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* buffer, nuint bytes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* buffer, nuint bytes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, nuint count, int milliseconds);
}
