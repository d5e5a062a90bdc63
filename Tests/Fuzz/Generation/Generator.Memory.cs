using RvJit.Fuzz.Guest;
using RvJit.Fuzz.Support;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Tables;

namespace RvJit.Fuzz.Generation;

/// <summary>Loads, stores, atomics and fences, in the data area, in constants, in the last page, and at their edges.</summary>
internal sealed partial class Generator
{
    private const int MostAccesses = 8, LargestOffset = 2047, LargestAccess = 8, AccessTries = 12, StackPointer = 2;
    private const int AtomicGranule = 64;
    private const uint DataMask = 0x1FFF;

    /// <summary>Where a base register points, and which offsets from it stay inside the area.</summary>
    private readonly record struct Base(int Register, long Lowest, long Highest, bool Writable);

    private Cost Memory()
    {
        int register = Chance(4) && !_registers.IsControl(StackPointer) ? StackPointer : _words.FreeRegisterBut(0);
        int group = _code.NewGroup();
        Base b = Chance(3) ? ComputedBase(group, register) : ConstantBase(group, register);
        int count = _random.Next(1, MostAccesses);
        for (int n = 0; n < count && Access(b); n++)
        {
            if (Chance(3) && _words.TryMake(_rows, i => (i.Row!.Operands & Operands.WritesX) == 0 || i.Rd != register) is { } between)
                _code.Word(_code.NewGroup(), between);
        }

        return new Cost(8 + (2 * count));
    }

    /// <summary>An address known here: anywhere, next to a page's end, or at an end of the area.</summary>
    private Base ConstantBase(int group, int register)
    {
        (ulong start, int bytes, bool writable) = _random.Next(10) switch
        {
            0 => (Layout.Pool, Layout.PoolBytes, false),
            1 => (Layout.Top, Layout.TopBytes, true),
            _ => (Layout.Data, Layout.DataBytes, true),
        };
        long offset = _random.Next(6) switch
        {
            0 => 0,
            1 => bytes - LargestAccess,
            2 => (Layout.PageBytes * _random.Next(1, (bytes / Layout.PageBytes) + 1)) - _random.Next(1, 64),
            _ => _random.Next(bytes),
        };
        Address(group, register, start, offset);
        return new Base(register, -offset, bytes - offset, writable);
    }

    private void Address(int group, int register, ulong area, long offset)
    {
        if (area != Layout.Top)
        {
            _code.LoadConstant(group, register, (long)area + offset);
            return;
        }

        // 2^38, less what is missing to it.
        _code.Word(group, Encoder.Word("addi", rd: register, imm: 1));
        _code.Word(group, Encoder.Word("slli", rd: register, rs1: register, imm: 38));
        for (long left = Layout.TopBytes - offset; left > 0; left -= LargestOffset)
            _code.Word(group, Encoder.Word("addi", rd: register, rs1: register, imm: -Math.Min(left, LargestOffset)));
    }

    /// <summary>An address that depends on what was computed.</summary>
    private Base ComputedBase(int group, int register)
    {
        int other = _words.FreeRegisterBut(0, register);
        _code.LoadConstant(group, other, Chance(2) ? DataMask : DataMask & ~7u);
        _code.Word(group, Encoder.Word("and", rd: register, rs1: _words.FreeRegister(), rs2: other));
        _code.Word(group, Encoder.Word("lui", rd: other, imm: (long)Layout.Data));
        _code.Word(group, Encoder.Word("add", rd: register, rs1: register, rs2: other));
        return new Base(register, 0, Layout.DataBytes - DataMask, true);
    }

    /// <summary>One load or store; false when the base register is lost by it.</summary>
    private bool Access(Base b)
    {
        for (int n = 0; n < AccessTries; n++)
        {
            Row row = Pick(_catalog.Memory);
            if ((row.Encoding.Bits == 16 ? CompressedAccess(row, b) : WideAccess(row, b)) is not { } word)
                continue;
            _code.Word(_code.NewGroup(), word);
            Instruction i = InstructionTable.Decode(word);
            return (i.Row!.Operands & Operands.WritesX) == 0 || i.Rd != b.Register;
        }

        return true;
    }

    private uint? CompressedAccess(Row row, Base b) => _words.TryMake(row, i =>
        i.Rs1 == b.Register && i.Immediate >= b.Lowest && i.Immediate + i.Row!.Memory.Bytes <= b.Highest && (b.Writable || !i.Row.Memory.Writes));

    private uint? WideAccess(Row row, Base b)
    {
        if ((row.Memory.Writes && !b.Writable) || _words.TryMake(row) is not { } word)
            return null;
        long lowest = Math.Max(b.Lowest, -LargestOffset - 1), highest = Math.Min(b.Highest - row.Memory.Bytes, LargestOffset);
        if (lowest > highest)
            return null;
        long offset = _random.NextInt64(lowest, highest + 1);
        if (Chance(2))
            offset = Math.Max(lowest, offset & ~(long)(row.Memory.Bytes - 1));
        if (Chance(4))
            offset = Math.Clamp(0, lowest, highest);
        uint register = (uint)b.Register;
        uint operands = row.Memory.Writes ? Asm.S(0, 0, register, 0, (int)offset) : Asm.I(0, 0, 0, register, (int)offset);
        uint mask = row.Memory.Writes ? Asm.S(0, 0, 31, 0, -1) : Asm.I(0, 0, 0, 31, -1);
        return (word & ~mask) | operands;
    }

    /// <summary>Read-modify-writes at one aligned address, or a reservation that is used.</summary>
    private Cost Atomic()
    {
        if (_catalog.Atomic.Count == 0)
            return Straight();
        int register = _words.FreeRegisterBut(0), group = _code.NewGroup();
        long offset = AtomicGranule * _random.Next(Layout.DataBytes / AtomicGranule);
        Address(group, register, Layout.Data, Chance(2) ? offset : offset + (AtomicGranule / 4 * _random.Next(4)));
        if (Chance(3))
        {
            Reservation(register);
            return new Cost(10);
        }

        int count = _random.Next(1, 5);
        for (int n = 0; n < count; n++)
        {
            if (_words.TryMake(Pick(_catalog.Atomic)) is not { } word || IsReservation(InstructionTable.Decode(word).Row!))
                continue;
            word = (word & ~(31u << 15)) | ((uint)register << 15);
            Instruction i = InstructionTable.Decode(word);
            if (NeedsWholeGranule(i.Row!))
                Address(group, register, Layout.Data, offset);
            _code.Word(_code.NewGroup(), word);
            if ((i.Row!.Operands & Operands.WritesX) != 0 && (i.Rd == register || i.Rd + 1 == register))
                break;
        }

        return new Cost(4 + count);
    }

    private static bool IsReservation(Row row) => row.Name[..3] is "lr." or "sc.";

    private static bool NeedsWholeGranule(Row row) => row.Encoding.Format != Format.Amo;

    /// <summary>lr, a few register instructions, sc to the same or another address; sometimes an sc alone.</summary>
    private void Reservation(int register)
    {
        string width = Chance(2) ? "w" : "d";
        if (!_catalog.Atomic.Any(row => row.Name == $"lr.{width}"))
            return;
        int group = _code.NewGroup();
        int loaded = _words.FreeRegisterBut(register);
        if (!Chance(8))
            _code.Word(group, Encoder.Word($"lr.{width}", rd: loaded, rs1: register, aqrl: _random.Next(4)));
        for (int n = _random.Next(4); n > 0; n--)
        {
            if (_words.TryMake(_rows, i => i.Rd != register && !KnownDifferences.EndsReservation(i.Row!)) is { } word)
                _code.Word(_code.NewGroup(), word);
        }

        if (Chance(8))
            _code.Word(group, Encoder.Word("addi", rd: register, rs1: register, imm: 8));
        _code.Word(group, Encoder.Word($"sc.{width}", rd: _words.FreeRegister(), rs1: register, rs2: _words.FreeRegister(), aqrl: _random.Next(4)));
    }
}
