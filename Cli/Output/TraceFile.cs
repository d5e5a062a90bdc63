using System.Runtime.InteropServices;
using RvJit.Translator.Tracing;

namespace RvJit.Cli.Output;

/// <summary>The file of <c>--trace</c>, or standard output for "-".</summary>
public sealed partial class TraceFile : IDisposable
{
    private const string StandardOutputName = "-";
    private const int StandardError = 2;

    private readonly string _name;
    private readonly Stream _stream;

    private TraceFile(string name, Stream stream)
    {
        _name = name;
        _stream = stream;
        Log = new CommitLog(stream, Explain);
    }

    public CommitLog Log { get; }

    public static TraceFile Open(string name)
    {
        if (name == StandardOutputName)
            return new TraceFile(name, TakeStandardOutput());
        try
        {
            return new TraceFile(name, new FileStream(name, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new BadInputException(Sentence(name, error));
        }
    }

    public void Dispose()
    {
        Log.Dispose();
        _stream.Dispose();
    }

    private static string Sentence(string name, Exception error) => $"--trace {name} cannot be written: {error.Message}";

    private Exception Explain(IOException error) =>
        _name == StandardOutputName && StandardOutput.IsBrokenPipe(error) ? error : new BadInputException(Sentence(_name, error));

    /// <summary>The trace gets the descriptor, and what the guest or rvjit prints there goes to standard error.</summary>
    private static DescriptorStream TakeStandardOutput()
    {
        int copy = dup(DescriptorStream.StandardOutput);
        if (copy < 0 || dup2(StandardError, DescriptorStream.StandardOutput) < 0)
            throw new BadInputException($"--trace - cannot be written: {Marshal.GetLastPInvokeErrorMessage()}");
        return new DescriptorStream(copy, FileAccess.Write);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup2(int from, int to);
}
