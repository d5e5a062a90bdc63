using System.Text;
using RvJit.Machine;

namespace RvJit.Guest.Boot;

/// <summary>Prints the signature of an architecture test as riscv-isa-sim does: one word a line, its highest byte first.</summary>
public static class Signature
{
    public const int DefaultGranularity = 4;

    /// <summary>Bytes of a word that a line may show.</summary>
    public static readonly IReadOnlyList<int> Granularities = [4, 8, 16];

    public static string Format(PhysicalMemory memory, ulong begin, ulong end, int granularity)
    {
        ReadOnlySpan<byte> bytes = memory.Span(begin, (int)(end - begin));
        var text = new StringBuilder();
        for (int start = 0; start < bytes.Length; start += granularity)
        {
            for (int i = granularity - 1; i >= 0; i--)
                text.Append($"{(start + i < bytes.Length ? bytes[start + i] : 0):x2}");
            text.Append('\n');
        }

        return text.ToString();
    }
}
