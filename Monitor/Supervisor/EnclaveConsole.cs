using System.Text;

namespace RvJit.Monitor.Supervisor;

/// <summary>The machine console as one enclave's runtime writes it: byte by byte, shown line by line.</summary>
internal sealed class EnclaveConsole(TextWriter output)
{
    private const int LongestLine = 4096;

    private readonly StringBuilder _line = new();

    public void Write(byte character)
    {
        if (character == '\n' || _line.Length == LongestLine)
            Flush();
        if (character is not ((byte)'\n' or (byte)'\r' or 0))
            _line.Append((char)character);
    }

    public void WriteLine(string line)
    {
        Flush();
        lock (output)
            output.WriteLine(line);
    }

    /// <summary>Shows a line that was not finished.</summary>
    public void Flush()
    {
        if (_line.Length == 0)
            return;
        string line = _line.ToString();
        _line.Clear();
        lock (output)
            output.WriteLine(line);
    }
}
