using System.Buffers.Binary;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Tables;

namespace RvJit.Fuzz.Guest;

/// <summary>Gives items addresses: branches start short and grow until every one of them reaches.</summary>
internal static class CodeLayout
{
    private const int WidePair = 8;
    private const uint Jal = 0x6F, Auipc = 0x17, Lui = 0x37, Jalr = 0x67, AddImmediate = 0x13, AddWordImmediate = 0x1B;
    private const uint InvertCondition = 1 << 12;

    /// <summary>The immediate bits of compressed branches and jumps, by row: no inverse of their encoding exists.</summary>
    private static readonly Dictionary<Row, Dictionary<long, uint>> s_compressed = CompressedImmediates();

    /// <summary>The bytes of a program that starts at an address.</summary>
    /// <param name="items">The program.</param>
    /// <param name="start">Where it starts.</param>
    /// <param name="outside">Addresses of the labels that it does not define itself.</param>
    public static byte[] Assemble(IReadOnlyList<Item> items, ulong start, Dictionary<int, ulong>? outside = null)
    {
        var sizes = new int[items.Count];
        for (int i = 0; i < sizes.Length; i++)
            sizes[i] = SmallestSize(items[i]);
        var addresses = new ulong[items.Count];
        Dictionary<int, ulong> labels = outside ?? [];
        bool grown;
        do
        {
            ulong at = start;
            for (int i = 0; i < sizes.Length; i++)
            {
                addresses[i] = at;
                if (items[i].Kind == ItemKind.Label)
                    labels[items[i].Label] = at;
                at += (ulong)(items[i].Kind == ItemKind.Pad ? Padding(items[i], at) : sizes[i]);
            }

            grown = false;
            for (int i = 0; i < sizes.Length; i++)
            {
                if (items[i].Kind != ItemKind.Branch)
                    continue;
                long offset = (long)(labels[items[i].Label] - addresses[i]);
                int needed = Needed(items[i].Word, offset);
                grown |= needed > sizes[i];
                sizes[i] = Math.Max(sizes[i], needed);
            }
        }
        while (grown);

        using var bytes = new MemoryStream();
        for (int i = 0; i < sizes.Length; i++)
            Write(bytes, items[i], sizes[i], addresses[i], labels);
        return bytes.ToArray();
    }

    private static int SmallestSize(Item item) => item.Kind switch
    {
        ItemKind.Word or ItemKind.Branch => InstructionTable.LengthOf((ushort)item.Word),
        ItemKind.LoadConstant => FitsImmediate(item.Value) ? 4 : WidePair,
        ItemKind.LoadAddress or ItemKind.FarCall => WidePair,
        _ => 0,
    };

    private static bool FitsImmediate(long value) => value is >= -2048 and < 2048;

    private static int Padding(Item item, ulong at) => (int)((ulong)item.Value - at) & (Layout.PageBytes - 1);

    private static int Needed(uint word, long offset)
    {
        Instruction i = InstructionTable.Decode(word);
        bool jump = i.Row!.Flow == Flow.Jump;
        if (i.Length == 2 && s_compressed[InstructionTable.FindCompressed(word)!].ContainsKey(offset))
            return 2;
        return jump || offset is >= -4096 and < 4096 ? 4 : WidePair;
    }

    private static void Write(MemoryStream to, Item item, int size, ulong at, Dictionary<int, ulong> labels)
    {
        uint register = (uint)item.Register;
        switch (item.Kind)
        {
            case ItemKind.Word:
                Put(to, item.Word);
                break;
            case ItemKind.Branch:
                WriteBranch(to, item.Word, size, (int)((long)labels[item.Label] - (long)at));
                break;
            case ItemKind.LoadAddress or ItemKind.FarCall:
                int offset = (int)((long)labels[item.Label] + item.Value - (long)at);
                Put(to, Asm.U(Auipc, register, offset + 0x800));
                Put(to, Asm.I(item.Kind == ItemKind.FarCall ? Jalr : AddImmediate, 0, register, register, offset));
                break;
            case ItemKind.LoadConstant when size == 4:
                Put(to, Asm.I(AddImmediate, 0, register, 0, (int)item.Value));
                break;
            case ItemKind.LoadConstant:
                Put(to, Asm.U(Lui, register, (int)item.Value + 0x800));
                Put(to, Asm.I(AddWordImmediate, 0, register, register, (int)item.Value));
                break;
            case ItemKind.Pad:
                for (int n = Padding(item, at); n > 0; n -= 2)
                    Put(to, Layout.End);
                break;
        }
    }

    private static void WriteBranch(MemoryStream to, uint word, int size, int offset)
    {
        Instruction i = InstructionTable.Decode(word);
        if (size == 2)
        {
            Put(to, word | s_compressed[InstructionTable.FindCompressed(word)!][offset]);
            return;
        }

        if (i.Row!.Flow == Flow.Jump)
        {
            Put(to, Asm.J(Jal, i.Rd, offset));
            return;
        }

        uint wide = i.Row.Encoding.Match | ((uint)i.Rs1 << 15) | ((uint)i.Rs2 << 20);
        if (size == 4)
        {
            Put(to, wide | Asm.B(0, 0, 0, 0, offset));
            return;
        }

        Put(to, (wide ^ InvertCondition) | Asm.B(0, 0, 0, 0, WidePair));
        Put(to, Asm.J(Jal, 0, offset - 4));
    }

    private static void Put(MemoryStream to, uint word)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, word);
        to.Write(bytes[..InstructionTable.LengthOf((ushort)word)]);
    }

    private static Dictionary<Row, Dictionary<long, uint>> CompressedImmediates()
    {
        var all = new Dictionary<Row, Dictionary<long, uint>>();
        for (uint word = 0; word <= ushort.MaxValue; word++)
        {
            if (InstructionTable.LengthOf((ushort)word) != 2 || InstructionTable.Decode(word) is not { Row.Flow: Flow.Branch or Flow.Jump } i)
                continue;
            Row row = InstructionTable.FindCompressed(word)!;
            if (!all.TryGetValue(row, out Dictionary<long, uint>? immediates))
                all.Add(row, immediates = []);
            if (i.Row!.Flow == Flow.Jump || i.Rs1 == 8) // x8 is all zeros in its three bits
                immediates.Add(i.Immediate, word & ~row.Encoding.Match);
        }

        return all;
    }
}
