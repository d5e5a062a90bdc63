using System.Globalization;
using System.Text;
using RvJit.Fuzz.Guest;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz.Corpus;

/// <summary>A case with what qemu made of it: a finding, kept.</summary>
internal sealed record CorpusCase(TestCase Test, Outcome Expected);

/// <summary>
/// Cases as text. Everything not said is zero: <c>before x5 VALUE</c>, <c>before ADDRESS BYTES</c>, <c>code ADDRESS WORD</c>,
/// then for each stop <c>stop SIGNAL ADDRESS PC</c> and what changed since the state before, <c>after x5 VALUE</c>,
/// <c>after ADDRESS BYTES</c>; the instruction area holds breakpoints wherever no code is given. A # starts a comment.
/// </summary>
internal static class CorpusFile
{
    private const int BytesInLine = 16;

    public static string Write(CorpusCase c, IEnumerable<string> comment)
    {
        var text = new StringBuilder();
        foreach (string line in comment)
            text.Append("# ").AppendLine(line);
        MachineState initial = c.Test.Initial;
        Registers(text, "before", new ulong[32], new ulong[32], 0, initial.X, initial.F, initial.Fcsr);
        Memory(text, "before", Layout.Data, new byte[Layout.DataBytes], initial.Data);
        Memory(text, "before", Layout.Pool, new byte[Layout.PoolBytes], initial.Pool);
        Memory(text, "before", Layout.Top, new byte[Layout.TopBytes], initial.Top);
        foreach ((ulong pc, uint word) in Instructions(c.Test.Image))
            text.AppendLine($"code 0x{pc:x} {(InstructionTable.LengthOf((ushort)word) == 2 ? $"{word:x4}    " : $"{word:x8}")} # {Disassembler.Format(word, pc)}");
        (ulong[] x, ulong[] f, uint fcsr) = (initial.X, initial.F, initial.Fcsr);
        foreach (Stop stop in c.Expected.Stops)
        {
            text.AppendLine($"stop {stop.Signal} 0x{stop.Address:x} 0x{stop.Pc:x}");
            Registers(text, "after", x, f, fcsr, stop.X, stop.F, stop.Fcsr);
            (x, f, fcsr) = (stop.X, stop.F, stop.Fcsr);
        }

        Memory(text, "after", Layout.Data, initial.Data, c.Expected.Data);
        Memory(text, "after", Layout.Top, initial.Top, c.Expected.Top);
        return text.ToString();
    }

    public static CorpusCase Read(string text)
    {
        var initial = new MachineState();
        byte[] image = Layout.Padded([], Layout.CodeBytes);
        int end = 0;
        var stops = new List<Stop>();
        byte[]? data = null, top = null;
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case []:
                    break;
                case ["before", ['0', 'x', ..] address, var bytes]:
                    Convert.FromHexString(bytes).CopyTo(AreaAt(Number(address), initial.Data, initial.Pool, initial.Top));
                    break;
                case ["before", "fcsr", var value]:
                    initial.Fcsr = (uint)Number(value);
                    break;
                case ["before", var register, var value]:
                    Register(register, initial.X, initial.F) = Number(value);
                    break;
                case ["code", var address, var word]:
                    int at = (int)(Number(address) - Layout.Code);
                    uint bits = uint.Parse(word, NumberStyles.HexNumber);
                    int length = InstructionTable.LengthOf((ushort)bits);
                    BitConverter.GetBytes(bits).AsSpan(0, length).CopyTo(image.AsSpan(at));
                    end = Math.Max(end, at + length);
                    break;
                case ["stop", var signal, var address, var pc]:
                    (ulong[] x, ulong[] f, uint fcsr) = stops.Count == 0
                        ? (initial.X, initial.F, initial.Fcsr)
                        : (stops[^1].X, stops[^1].F, stops[^1].Fcsr);
                    stops.Add(new Stop(Enum.Parse<StopSignal>(signal), Number(address), Number(pc), [.. x], [.. f], fcsr));
                    break;
                case ["after", ['0', 'x', ..] address, var bytes]:
                    Convert.FromHexString(bytes).CopyTo(AreaAt(Number(address), data ??= [.. initial.Data], [], top ??= [.. initial.Top]));
                    break;
                case ["after", "fcsr", var value]:
                    stops[^1] = stops[^1] with { Fcsr = (uint)Number(value) };
                    break;
                case ["after", var register, var value]:
                    Register(register, stops[^1].X, stops[^1].F) = Number(value);
                    break;
                default:
                    throw new FormatException($"not a line of a case: '{line}'");
            }
        }

        return new CorpusCase(new TestCase(image[..end], initial), new Outcome(stops, data ?? initial.Data, top ?? initial.Top));
    }

    /// <summary>The instructions of an image, without the breakpoints that only fill it.</summary>
    public static IEnumerable<(ulong Pc, uint Word)> Instructions(byte[] image)
    {
        ushort before = 0;
        for (int at = 0; at + 2 <= image.Length;)
        {
            uint word = BitConverter.ToUInt16(image, at);
            int length = InstructionTable.LengthOf((ushort)word);
            if (length == 4 && at + 4 <= image.Length)
                word = BitConverter.ToUInt32(image, at);
            if (word != Layout.End || before != Layout.End)
                yield return (Layout.Code + (ulong)at, word);
            before = (ushort)word;
            at += length;
        }
    }

    private static void Registers(
        StringBuilder text, string when, ulong[] oldX, ulong[] oldF, uint oldFcsr, ulong[] x, ulong[] f, uint fcsr)
    {
        for (int r = 1; r < 32; r++)
        {
            if (x[r] != oldX[r])
                text.AppendLine($"{when} x{r} 0x{x[r]:x}");
        }

        for (int r = 0; r < 32; r++)
        {
            if (f[r] != oldF[r])
                text.AppendLine($"{when} f{r} 0x{f[r]:x}");
        }

        if (fcsr != oldFcsr)
            text.AppendLine($"{when} fcsr 0x{fcsr:x}");
    }

    private static void Memory(StringBuilder text, string when, ulong address, byte[] old, byte[] bytes)
    {
        for (int at = 0; at < bytes.Length; at += BytesInLine)
        {
            if (!bytes.AsSpan(at, BytesInLine).SequenceEqual(old.AsSpan(at, BytesInLine)))
                text.AppendLine($"{when} 0x{address + (ulong)at:x} {Convert.ToHexStringLower(bytes, at, BytesInLine)}");
        }
    }

    private static Span<byte> AreaAt(ulong address, byte[] data, byte[] pool, byte[] top) => address switch
    {
        >= Layout.Top => top.AsSpan((int)(address - Layout.Top)),
        >= Layout.Pool => pool.AsSpan((int)(address - Layout.Pool)),
        _ => data.AsSpan((int)(address - Layout.Data)),
    };

    private static ref ulong Register(string name, ulong[] x, ulong[] f)
    {
        ulong[] file = name[0] == 'x' ? x : f;
        return ref file[int.Parse(name.AsSpan(1))];
    }

    private static ulong Number(string text) => ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber);
}
