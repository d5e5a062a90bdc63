using RvJit.Cli.Inspection;
using RvJit.Translator.Inspection;
using RvJit.Translator.Profiling;

namespace RvJit.Cli.Profiling;

/// <summary>The file of <c>--profile</c>, and the profiler that fills it.</summary>
public sealed class ProfileFile : IDisposable
{
    private readonly string _name;
    private readonly FileStream _stream;

    private ProfileFile(string name, FileStream stream)
    {
        _name = name;
        _stream = stream;
    }

    public Profiler Profiler { get; } = new();

    public static ProfileFile Open(string name)
    {
        try
        {
            return new ProfileFile(name, new FileStream(name, FileMode.Create, FileAccess.Write, FileShare.Read));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unwritable(name, error);
        }
    }

    /// <summary>No hart runs any more: writes the file and prints the table.</summary>
    public void Finish(CodeSymbols symbols, RegionLog log)
    {
        var names = new FunctionNames(symbols, log.Regions);
        ProfileReport.Write(Console.Error, Profiler.Harts, names);
        try
        {
            SpeedscopeFile.Write(_stream, symbols.Program, Profiler.Harts, names);
            _stream.Flush();
        }
        catch (IOException error)
        {
            throw Unwritable(_name, error);
        }
    }

    public void Dispose()
    {
        Profiler.Dispose();
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // What could not be written has been reported.
        }
    }

    private static BadInputException Unwritable(string name, Exception error) =>
        new($"--profile {name} cannot be written: {error.Message}");
}
