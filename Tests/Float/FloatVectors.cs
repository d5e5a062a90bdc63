using System.Globalization;
using System.IO.Compression;

namespace RvJit.Tests.Float;

/// <summary>One recorded execution of a floating-point instruction. Single-precision values are 32 bits wide, integer
/// results are the whole register; operations whose name ends in ".reg" have whole (NaN-boxed) registers throughout.
/// An instruction that does not round has only the rounding mode 0.</summary>
internal readonly record struct FloatVector(
    string Operation, ulong A, ulong B, ulong C, int RoundingMode, ulong Result, uint Flags);

/// <summary>What qemu-riscv64 10.0 answered to Guest/Programs/float/fpvectors.c, which also explains the format.
/// Vectors of an operation are in order: all rounding modes of a line of operands, then the next line.</summary>
internal static class FloatVectors
{
    private const string Resource = "RvJit.Tests.Float.Vectors.fd.txt.gz";

    private static readonly Lazy<IReadOnlyDictionary<string, FloatVector[]>> groups = new(Load);

    /// <summary>The names, as the assembler writes them: "fadd.s", "fcvt.w.d", "feq.s", ...</summary>
    public static IEnumerable<string> Operations => groups.Value.Keys;

    public static int Count => groups.Value.Values.Sum(vectors => vectors.Length);

    public static IReadOnlyList<FloatVector> Of(string operation) => groups.Value[operation];

    private static Dictionary<string, FloatVector[]> Load()
    {
        using Stream packed = typeof(FloatVectors).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The test assembly does not contain {Resource}.");
        using var text = new StreamReader(new GZipStream(packed, CompressionMode.Decompress));
        var result = new Dictionary<string, FloatVector[]>();
        var current = new List<FloatVector>();
        string operation = "";
        int operands = 0;
        while (text.ReadLine() is { } line)
        {
            string[] fields = line.Split(' ');
            if (fields[0] != "@")
            {
                Read(operation, operands, fields, current);
                continue;
            }

            Keep();
            operation = fields[1];
            operands = int.Parse(fields[2]);
        }

        Keep();
        return result;

        void Keep()
        {
            if (current.Count > 0)
                result.Add(operation, [.. current]);
            current.Clear();
        }
    }

    private static void Read(string operation, int operands, string[] fields, List<FloatVector> vectors)
    {
        ulong a = Hex(fields[0]);
        ulong b = operands > 1 ? Hex(fields[1]) : 0;
        ulong c = operands > 2 ? Hex(fields[2]) : 0;
        ulong result = 0;
        uint flags = 0;
        for (int i = operands; i < fields.Length; i++)
        {
            // "=" repeats the answer of the mode before.
            if (fields[i] != "=")
            {
                int slash = fields[i].IndexOf('/');
                result = Hex(fields[i].AsSpan(0, slash));
                flags = (uint)Hex(fields[i].AsSpan(slash + 1));
            }

            vectors.Add(new FloatVector(operation, a, b, c, i - operands, result, flags));
        }
    }

    private static ulong Hex(ReadOnlySpan<char> digits) => ulong.Parse(digits, NumberStyles.AllowHexSpecifier);
}
