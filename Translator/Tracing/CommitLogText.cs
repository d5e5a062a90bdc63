using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Tracing;

/// <summary>How the lines of a hart begin, by privilege mode; hart numbers have six digits at most.</summary>
internal readonly record struct LineStart(Vector128<byte>[] Texts, int Length)
{
    public static LineStart Of(int hart)
    {
        string[] texts = [.. Enumerable.Range(0, 4).Select(mode => $"core{hart,4}: {mode} 0x")];
        return new LineStart(
            [.. texts.Select(text => Vector128.Create(System.Text.Encoding.ASCII.GetBytes(text.PadRight(Vector128<byte>.Count))))],
            texts[0].Length);
    }
}

/// <summary>
/// Spike's commit log (its <c>--log-commits</c>): a line for each instruction, <c>core   0: 3 0xPC (0xWORD)</c>, then
/// what it wrote: <c> x5  0xVALUE</c>, <c> f10 0xVALUE</c>, <c> c773_mtvec 0xVALUE</c>, <c> mem 0xADDRESS</c> for a load
/// and <c> mem 0xADDRESS 0xVALUE</c> for a store.
/// </summary>
internal static unsafe class CommitLogText
{
    /// <summary>More than the longest line, that of a cbo.zero.</summary>
    public const int MostBytesOfLine = 4096;

    private const int FieldLength = 7;

    private static readonly ulong s_memory = Pack(" mem 0x");
    private static readonly ulong[] s_integer = [.. Enumerable.Range(0, 32).Select(n => Pack($" x{n,-2} 0x"))];
    private static readonly ulong[] s_float = [.. Enumerable.Range(0, 32).Select(n => Pack($" f{n,-2} 0x"))];
    private static readonly byte[]?[] s_csr = new byte[]?[1 << 12];

    /// <summary>Writes the line of the instruction at <paramref name="words"/>, and moves that on.</summary>
    public static byte* Line(byte* to, LineStart start, ref ulong* words)
    {
        ulong pc = words[0];
        ulong header = words[1];
        words += 2;
        start.Texts[TraceChunk.ModeOf(header)].Store(to);
        to = Hex(to + start.Length, pc, sizeof(ulong));
        *(uint*)to = ' ' | ('(' << 8) | ('0' << 16) | ('x' << 24);
        to = Hex(to + 4, TraceChunk.InstructionOf(header), TraceChunk.IsLong(header) ? sizeof(uint) : sizeof(ushort));
        *to++ = (byte)')';
        for (int effects = TraceChunk.EffectsOf(header); effects > 0; effects--)
            to = Effect(to, ref words);
        *to++ = (byte)'\n';
        return to;
    }

    private static byte[] Ascii(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    private static byte* Effect(byte* to, ref ulong* words)
    {
        ulong key = *words++;
        int number = (int)(key >> TraceKey.NumberShift);
        switch (key & TraceKey.FileMask)
        {
            case TraceKey.Integer:
                return Field(to, s_integer[number], *words++);
            case TraceKey.Float:
                return Field(to, s_float[number], *words++);
            case TraceKey.Csr:
                byte[] name = s_csr[number] ??= Ascii($" c{number}_{CsrNames.Of(number)} 0x");
                name.CopyTo(new Span<byte>(to, name.Length));
                return Hex(to + name.Length, *words++, sizeof(ulong));
            case TraceKey.Load:
                return Field(to, s_memory, *words++);
            default:
                to = Field(to, s_memory, *words++);
                *(uint*)to = ' ' | ('0' << 8) | ('x' << 16);
                return Hex(to + 3, *words++, number);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Field(byte* to, ulong text, ulong value)
    {
        *(ulong*)to = text;
        return Hex(to + FieldLength, value, sizeof(ulong));
    }

    /// <summary>The low bytes as hexadecimal digits; writes 16 characters whatever it counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Hex(byte* to, ulong value, int bytes)
    {
        Vector128<byte> pairs = Vector128.Shuffle(
            Vector128.CreateScalar(value << (64 - (8 * bytes))).AsByte(),
            Vector128.Create((byte)7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0));
        Vector128<byte> high = Vector128.ShiftRightLogical(pairs.AsUInt16(), 4).AsByte();
        Vector128<byte> digits = Vector128.ConditionalSelect(Vector128.Create((ushort)0x00FF).AsByte(), high, pairs) & Vector128.Create((byte)15);
        Vector128.Shuffle(Vector128.Create("0123456789abcdef"u8), digits).Store(to);
        return to + (bytes * 2);
    }

    /// <summary>Up to 8 characters as they lie in memory.</summary>
    private static ulong Pack(string text)
    {
        ulong packed = 0;
        for (int i = 0; i < text.Length; i++)
            packed |= (ulong)text[i] << (8 * i);
        return packed;
    }
}
