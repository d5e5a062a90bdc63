using RvJit.Fuzz.Guest;
using RvJit.Fuzz.Support;

namespace RvJit.Fuzz.Generation;

/// <summary>Programs that end otherwise than by their last instruction, and programs that rewrite themselves.</summary>
internal sealed partial class Generator
{
    private const ushort DefinedIllegal = 0;
    private const int MostGuard = 400;

    /// <summary>A few programs end in the middle; the rest of them is then never seen.</summary>
    private void EndEarlyNowAndThen()
    {
        if (!Chance(60))
            return;
        Straight();
        Fault(_code.NewGroup());
    }

    /// <summary>A fault that only some passes reach: when a computed value, or the loop around, has counted so far.</summary>
    private Cost GuardedFault()
    {
        int group = _code.NewGroup(), over = _code.NewLabel();
        int limit = _words.FreeRegisterBut(0), counter = _registers.Counter(0, 0);
        _code.LoadConstant(group, limit, _random.Next(-MostGuard, MostGuard));
        _code.Branch(group, Encoder.Word("bne", rs1: limit, rs2: counter), over);
        Fault(group);
        _code.Label(over);
        return new Cost(5);
    }

    private void Fault(int group)
    {
        int register = _words.FreeRegisterBut(0);
        switch (_random.Next(9))
        {
            case 0:
                _code.Word(group, DefinedIllegal);
                break;
            case 1: // a reserved rounding mode
                _code.Word(group, Encoder.Word("fadd.d", rd: 1, rs1: 2, rs2: 3, rm: _random.Next(5, 7)));
                break;
            case 2: // across the end of an area
                Address(group, register, Layout.Data, Layout.DataBytes - _random.Next(1, 8));
                _code.Word(group, Encoder.Word(Chance(2) ? "sd" : "ld", rd: _words.FreeRegister(), rs1: register, rs2: _words.FreeRegister()));
                break;
            case 3: // across the end of the address space
                Address(group, register, Layout.Top, Layout.TopBytes - _random.Next(1, 8));
                _code.Word(group, Encoder.Word(Chance(2) ? "sd" : "ld", rd: _words.FreeRegister(), rs1: register, rs2: _words.FreeRegister()));
                break;
            case 4: // constants are not written
                _code.LoadConstant(group, register, (long)Layout.Pool + _random.Next(Layout.PoolBytes));
                _code.Word(group, Encoder.Word(Chance(2) ? "sb" : "fsd", rs1: register, rs2: _words.FreeRegister()));
                break;
            case 5: // data are not executed
                _code.LoadConstant(group, register, (long)Layout.Data + (2 * _random.Next(Layout.DataBytes / 2)));
                _code.Word(group, Encoder.Word("jalr", rd: _words.FreeRegister(), rs1: register));
                break;
            case 6: // what nobody mapped is not executed
                _code.LoadConstant(group, register, 2 * _random.Next(int.MaxValue / 2));
                _code.Word(group, Encoder.Word("slli", rd: register, rs1: register, imm: 30));
                _code.Word(group, Encoder.Word("jalr", rd: _words.FreeRegister(), rs1: register));
                break;
            case 7 when _words.TryMake(_catalog.Ending) is { } word:
                _code.Word(group, word);
                break;
            case 8: // a control register that is none
                _code.Word(group, WithCsr(Encoder.Word("csrrs", rd: register, rs1: register), NoSuchCsr));
                break;
            default: // far below everything
                _code.LoadConstant(group, register, _random.Next(-2048, 0));
                _code.Word(group, Encoder.Word("lw", rd: _words.FreeRegister(), rs1: register));
                break;
        }
    }

    /// <summary>Rewrites an instruction that stands behind, or the other way round each time; then fence.i and on into it.</summary>
    private Cost Patch()
    {
        uint? first = _words.TryMake([.. _rows.Where(row => row.Encoding.Bits == 32)]);
        uint? second = _words.TryMake([.. _rows.Where(row => row.Encoding.Bits == 32)]);
        int address = _words.FreeRegisterBut(0), value = _words.FreeRegisterBut(0, address), mask = _words.FreeRegisterBut(0, address, value);
        if (first is not { } was || second is not { } becomes)
            return Straight();
        int group = _code.NewGroup(), slot = _code.NewLabel();
        _code.LoadAddress(group, address, slot);
        if (Chance(2))
        {
            _code.LoadConstant(group, value, (int)becomes);
        }
        else
        {
            _code.Word(group, Encoder.Word("lw", rd: value, rs1: address));
            _code.LoadConstant(group, mask, (int)(was ^ becomes));
            _code.Word(group, Encoder.Word("xor", rd: value, rs1: value, rs2: mask));
        }

        _code.Word(group, Encoder.Word("sw", rs1: address, rs2: value));
        _code.Word(group, Encoder.Word("fence.i"));
        int between = _random.Next(3);
        for (int n = 0; n < between; n++)
        {
            if (_words.TryMake(_rows) is { } word)
                _code.Word(_code.NewGroup(), word);
        }

        _code.Label(slot);
        _code.Word(group, was);
        return new Cost(12, Patches: 1);
    }
}
