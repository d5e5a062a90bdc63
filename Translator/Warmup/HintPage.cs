using System.Numerics;
using RvJit.Machine;

namespace RvJit.Translator.Warmup;

/// <summary>What is known of one page of code: a bit for each halfword.</summary>
public sealed class HintPage
{
    public const int Shift = HostMemory.PageShift;
    public const int Words = HostMemory.PageSize / 2 / 64;

    /// <summary>The interpreter met an instruction there.</summary>
    public ulong[] Reached { get; } = new ulong[Words];

    /// <summary>Control entered there more than a few times.</summary>
    public ulong[] Often { get; } = new ulong[Words];

    public static bool Has(ulong[] bits, ulong offset) => (bits[Index(offset)] & Bit(offset)) != 0;

    public static void Set(ulong[] bits, ulong offset) => bits[Index(offset)] |= Bit(offset);

    public void Add(HintPage other)
    {
        for (int i = 0; i < Words; i++)
        {
            Reached[i] |= other.Reached[i];
            Often[i] |= other.Often[i];
        }
    }

    public bool IsEmpty
    {
        get
        {
            int bits = 0;
            foreach (ulong word in Reached)
                bits += BitOperations.PopCount(word);
            return bits == 0;
        }
    }

    private static int Index(ulong offset) => (int)((offset & (HostMemory.PageSize - 1)) >> 7);

    private static ulong Bit(ulong offset) => 1UL << (int)((offset >> 1) & 63);
}
