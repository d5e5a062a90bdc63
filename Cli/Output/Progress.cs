using System.Diagnostics;

namespace RvJit.Cli.Output;

/// <summary>
/// Tells a waiting user how far long work has come: one line on a terminal, rewritten in place and removed at the end.
/// Short work, and work whose standard error is not a terminal, shows nothing.
/// </summary>
public sealed class Progress(string work) : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(200);

    private readonly Stopwatch _since = Stopwatch.StartNew();
    private TimeSpan _next = _patience;
    private bool _shown;

    public void Report(long done, long total)
    {
        if (_since.Elapsed < _next || Console.IsErrorRedirected)
            return;
        _next = _since.Elapsed + _interval;
        _shown = true;
        Console.Error.Write($"\rrvjit: {work} {(total > 0 ? 100 * done / total : 0)}%");
    }

    public void Dispose()
    {
        if (_shown)
            Console.Error.Write("\r\e[K");
    }
}
