using RvJit.Fuzz.Guest;
using RvJit.Fuzz.Support;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz.Generation;

/// <summary>Pieces without memory and without branches, and the state at the start.</summary>
internal sealed partial class Generator
{
    private const int MostStraight = 10, FcsrFlags = 0x1F, RoundingModes = 5;
    private const int Fflags = 1, Frm = 2, Fcsr = 3, NoSuchCsr = 0x800;

    /// <summary>A system call number that Linux does not have.</summary>
    private const int NoSuchCall = 0x7FF;
    private const int CallNumber = 17;

    private Cost Straight()
    {
        int count = _random.Next(1, MostStraight);
        for (int n = 0; n < count; n++)
        {
            if (_words.TryMake(_rows) is { } word)
                _code.Word(_code.NewGroup(), word);
        }

        return new Cost(count);
    }

    /// <summary>Fresh operands, so that results do not decay to zeros and NaNs: from the pool or from immediates.</summary>
    private Cost Constants()
    {
        int count = _random.Next(1, 6);
        for (int n = 0; n < count; n++)
        {
            int group = _code.NewGroup(), register = _words.FreeRegister();
            if (Chance(4))
            {
                _code.LoadConstant(group, register, (int)Values.Integer(_random));
                continue;
            }

            int offset = 8 * _random.Next(Layout.PoolBytes / 8);
            long page = (long)Layout.Pool + (offset & 0x800) * 2;
            _code.Word(group, Encoder.Word("lui", rd: register, imm: page));
            bool isFloat = Chance(2);
            _code.Word(group, Encoder.Word(isFloat ? "fld" : "ld", rd: isFloat ? _words.AnyFloat() : register, rs1: register,
                imm: offset - ((offset & 0x800) * 2)));
        }

        return new Cost(2 * count);
    }

    private Cost Csr()
    {
        int number = _random.Next(16) switch { < 9 => Fflags, < 12 => Frm, < 15 => Fcsr, _ => Fflags };
        if (_words.TryMake(_catalog.Csr, i => i.Csr == number) is not { } word)
            word = WithCsr(_words.TryMake(_catalog.Csr) ?? Encoder.Word("csrrs"), number);
        _code.Word(_code.NewGroup(), word);
        return new Cost(1) + (number == Fflags || Chance(8) ? default : RoundingMode());
    }

    private static uint WithCsr(uint word, int number) => (word & 0xFFFFF) | ((uint)number << 20);

    /// <summary>A valid rounding mode, so that what follows is not illegal.</summary>
    private Cost RoundingMode()
    {
        _code.Word(_code.NewGroup(), Encoder.Word("csrrwi", rd: 0, uimm: _random.Next(RoundingModes), csr: Frm));
        return new Cost(1);
    }

    private Cost Checkpoint()
    {
        _code.Word(_code.NewGroup(), Encoder.Word("ebreak"));
        return new Cost(1, Stops: 1);
    }

    private Cost SystemCall()
    {
        if (_registers.IsControl(CallNumber) || _registers.IsControl(10))
            return Straight();
        int group = _code.NewGroup();
        _code.LoadConstant(group, CallNumber, NoSuchCall);
        _code.Word(group, Encoder.Word("ecall"));
        return new Cost(2, Stops: 1);
    }

    private MachineState InitialState()
    {
        var state = new MachineState { Fcsr = (uint)((_random.Next(RoundingModes) << 5) | (_random.Next() & FcsrFlags)) };
        for (int r = 1; r < 32; r++)
            state.X[r] = Values.Integer(_random);
        for (int r = 0; r < 32; r++)
            state.F[r] = Values.Float(_random);
        Fill(state.Data);
        Fill(state.Pool);
        Fill(state.Top);
        return state;
    }

    private void Fill(byte[] area)
    {
        for (int at = 0; at < area.Length; at += 8)
            BitConverter.TryWriteBytes(area.AsSpan(at), Values.Any(_random));
    }
}
