using RvJit.Machine.Devices;
using Gate = System.Threading.Monitor;

namespace RvJit.Cli.Output;

/// <summary>
/// Standard input and output as the other end of a machine's serial line. Output is written by a thread of its own, in
/// as large pieces as have come together; <see cref="Dispose"/> waits for the last of it. Input is read from the first
/// time that the guest looks for some, or from the start when it comes from a terminal.
/// </summary>
public sealed class HostConsole : IDisposable
{
    /// <summary>More than this waits with the writer of the other end.</summary>
    private const int LongestBacklog = 1 << 16;

    /// <summary>A pause of the writing thread in which single bytes come together.</summary>
    private const int GatherMilliseconds = 1;

    /// <summary>How long output is still written after <see cref="Abandon"/>.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private readonly object _outputGate = new();
    private readonly object _inputGate = new();
    private readonly Queue<byte> _input = new();
    private readonly EscapeKeys _keys = new();
    private readonly TerminalMode? _terminal;
    private readonly Action _quit;
    private readonly Action<IOException> _outputFailed;
    private readonly Thread _writer;
    private Thread? _reader;
    private byte[] _pending = new byte[LongestBacklog];
    private byte[] _writing = new byte[LongestBacklog];
    private int _pendingBytes;
    private bool _closing;
    private bool _failed;

    /// <param name="quit">The user pressed the keys that end the machine.</param>
    /// <param name="outputFailed">Nothing can be written any more; later output is dropped.</param>
    public HostConsole(Action quit, Action<IOException> outputFailed)
    {
        _quit = quit;
        _outputFailed = outputFailed;
        _terminal = TerminalMode.TryMakeRaw();
        _writer = new Thread(WriteAll) { IsBackground = true, Name = "rvjit console output" };
        _writer.Start();
        if (_terminal is not null)
            StartReading();
    }

    private event Action? Arrived;

    /// <summary>
    /// The user wants to end: whoever waits for a slow reader of the output goes on, and what is not written soon is lost.
    /// </summary>
    public void Abandon()
    {
        lock (_outputGate)
        {
            _failed = true;
            Gate.PulseAll(_outputGate);
        }
    }

    /// <summary>The line of one machine; the next machine after a reset gets another.</summary>
    public Line Connect() => new(this);

    private void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_outputGate)
        {
            while (!bytes.IsEmpty && !_failed)
            {
                if (_pendingBytes == LongestBacklog)
                {
                    Gate.Wait(_outputGate);
                    continue;
                }

                int part = Math.Min(bytes.Length, LongestBacklog - _pendingBytes);
                bytes[..part].CopyTo(_pending.AsSpan(_pendingBytes));
                if (_pendingBytes == 0)
                    Gate.PulseAll(_outputGate);
                _pendingBytes += part;
                bytes = bytes[part..];
            }
        }
    }

    private bool TryRead(out byte value)
    {
        lock (_inputGate)
        {
            if (_reader is null)
                StartReading();
            bool some = _input.TryDequeue(out value);
            if (some)
                Gate.PulseAll(_inputGate);
            return some;
        }
    }

    public void Dispose()
    {
        lock (_outputGate)
        {
            _closing = true;
            Gate.PulseAll(_outputGate);
        }

        _writer.Join(_failed ? _patience : Timeout.InfiniteTimeSpan);
        _terminal?.Dispose();
    }

    private void WriteAll()
    {
        using var output = new DescriptorStream(DescriptorStream.StandardOutput, FileAccess.Write);
        while (true)
        {
            int count;
            lock (_outputGate)
            {
                while (_pendingBytes == 0 && !_closing)
                    Gate.Wait(_outputGate);
                if (_pendingBytes == 0)
                    return;
                (_pending, _writing) = (_writing, _pending);
                count = _pendingBytes;
                _pendingBytes = 0;
                Gate.PulseAll(_outputGate);
            }

            try
            {
                output.Write(_writing.AsSpan(0, count));
            }
            catch (IOException error)
            {
                lock (_outputGate)
                {
                    _failed = true;
                    _pendingBytes = 0;
                    Gate.PulseAll(_outputGate);
                }

                _outputFailed(error);
                return;
            }

            if (!_closing)
                Thread.Sleep(GatherMilliseconds);
        }
    }

    private void StartReading()
    {
        _reader = new Thread(ReadAll) { IsBackground = true, Name = "rvjit console input" };
        _reader.Start();
    }

    /// <summary>The thread that waits for input ends with the process: nothing can wake it.</summary>
    private void ReadAll()
    {
        using var input = new DescriptorStream(DescriptorStream.StandardInput, FileAccess.Read);
        Span<byte> chunk = stackalloc byte[4096];
        try
        {
            for (int count = input.Read(chunk); count > 0; count = input.Read(chunk))
                Deliver(chunk[..count]);
        }
        catch (IOException)
        {
            // A terminal that has gone is the end of the input.
        }
    }

    private void Deliver(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            EscapeAction action = _terminal is null ? EscapeAction.Pass : _keys.Next(value);
            if (action == EscapeAction.Quit)
                _quit();
            if (action != EscapeAction.Pass)
                continue;
            lock (_inputGate)
            {
                // A pipe waits for the guest; keys do not, or the way out would be blocked.
                while (_terminal is null && _input.Count >= LongestBacklog)
                    Gate.Wait(_inputGate);
                if (_input.Count < LongestBacklog)
                    _input.Enqueue(value);
            }
        }

        Arrived?.Invoke();
    }

    /// <summary>A machine's connection to the console.</summary>
    public sealed class Line : ICharacterPort, IDisposable
    {
        private readonly HostConsole _console;

        internal Line(HostConsole console)
        {
            _console = console;
            _console.Arrived += Raise;
        }

        public event Action? Arrived;

        public void Write(ReadOnlySpan<byte> bytes) => _console.Write(bytes);

        public bool TryRead(out byte value) => _console.TryRead(out value);

        public void Dispose() => _console.Arrived -= Raise;

        private void Raise() => Arrived?.Invoke();
    }
}
