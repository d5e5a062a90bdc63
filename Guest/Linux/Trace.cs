using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using RvJit.Guest.Linux.Signals;

namespace RvJit.Guest.Linux;

/// <summary>--strace: one line a system call, in strace's manner.</summary>
internal sealed class Trace(TextWriter output, SyscallTable table)
{
    private const int LongestText = 64;

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<ulong, bool> _unknown = new();

    /// <summary>The call as text, before it is served and changes what its arguments point to.</summary>
    public string Call(LinuxThread thread, ulong number, in SyscallArguments args, bool known)
    {
        if (!known && _unknown.TryAdd(number, true))
            Write($"[{thread.Tid}] system call {number} ({table.NameOf(number)}) is not supported and answered with ENOSYS");
        string name = table.NameOf(number);
        string kinds = TraceFormats.Of(name);
        ReadOnlySpan<ulong> values = [args.A0, args.A1, args.A2, args.A3, args.A4, args.A5];
        var text = new StringBuilder(name).Append('(');
        for (int i = 0; i < kinds.Length; i++)
        {
            if (i != 0)
                text.Append(", ");
            Append(text, thread, kinds[i], values, i);
        }

        return text.Append(')').ToString();
    }

    public void Result(LinuxThread thread, string call, ulong number, long result)
    {
        string value = result switch
        {
            SyscallTable.NoReturn => "?",
            < 0 and > -4096 => $"-1 {Errno.NameOf(-result)}",
            _ => TraceFormats.ResultIsAddress(table.NameOf(number))
                ? "0x" + result.ToString("x", CultureInfo.InvariantCulture)
                : result.ToString(CultureInfo.InvariantCulture),
        };
        Write($"[{thread.Tid}] {call} = {value}");
    }

    public void Signal(LinuxThread thread, in SigInfo info)
    {
        string more = info.Code is > 0 and < SigInfo.Kernel
            ? $"si_addr=0x{info.Address:x}"
            : info.Code <= 0 ? $"si_pid={info.Pid}" : "by the kernel";
        Write($"[{thread.Tid}] --- {Signals.Signal.NameOf(info.Signal)} {{si_code={info.Code}, {more}}} ---");
    }

    public void Note(LinuxThread thread, string text) => Write($"[{thread.Tid}] {text}");

    public void Exit(LinuxProcess process, ExitStatus status) => Write(status.Signal != 0
        ? $"[{process.Pid}] +++ killed by {Signals.Signal.NameOf(status.Signal)} +++"
        : $"[{process.Pid}] +++ exited with {status.Code} +++");

    private static void Append(StringBuilder text, LinuxThread thread, char kind, ReadOnlySpan<ulong> values, int i)
    {
        ulong value = values[i];
        switch (kind)
        {
            case 'd':
                text.Append((int)value);
                break;
            case 'u':
                text.Append(value);
                break;
            case 's':
                AppendBytes(text, thread.World.TryReadString(value, LongestText * 4), value, -1);
                break;
            case 'b':
                ulong length = values[i + 1];
                var bytes = new byte[Math.Min(length, LongestText)];
                AppendBytes(text, thread.World.TryRead(value, bytes) ? bytes : null, value, (long)length);
                break;
            case 'g':
                text.Append(Signals.Signal.IsValid((int)value) ? Signals.Signal.NameOf((int)value) : ((int)value).ToString(CultureInfo.InvariantCulture));
                break;
            default:
                text.Append(value == 0 ? "0" : "0x" + value.ToString("x", CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void AppendBytes(StringBuilder text, byte[]? bytes, ulong address, long length)
    {
        if (bytes is null)
        {
            text.Append(address == 0 ? "NULL" : "0x" + address.ToString("x", CultureInfo.InvariantCulture));
            return;
        }

        text.Append('"');
        foreach (byte b in bytes.AsSpan(0, Math.Min(bytes.Length, LongestText)))
        {
            _ = b switch
            {
                (byte)'\n' => text.Append("\\n"),
                (byte)'\t' => text.Append("\\t"),
                (byte)'"' or (byte)'\\' => text.Append('\\').Append((char)b),
                >= 32 and < 127 => text.Append((char)b),
                _ => text.Append("\\x").Append(b.ToString("x2", CultureInfo.InvariantCulture)),
            };
        }

        text.Append('"');
        if (bytes.Length > LongestText || length > bytes.Length)
            text.Append("...");
    }

    private void Write(string line)
    {
        lock (_lock)
            output.WriteLine(line);
    }
}
