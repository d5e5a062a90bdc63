using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Tests.Isa.Recording;

/// <summary>Chooses the states that an instance of a row is executed in.</summary>
internal sealed class StateMaker(Instruction i, ulong pc, uint[] words, Random random)
{
    private const int RandomStates = 6;
    private const int FewStates = 7;

    /// <summary>Operands that each first operand of a floating-point instruction is paired with.</summary>
    private const int Partners = 6;

    /// <summary>Addresses at all distances from a page's end, in both pages, and where nothing may be written or is mapped.</summary>
    private static readonly ulong[] s_addresses =
    [
        InstructionState.Window, InstructionState.Window + 8, InstructionState.Window + 17, InstructionState.Window + 23,
        .. Enumerable.Range(-8, 17).Select(d => InstructionState.Data + 0x1000 + (ulong)d),
        InstructionState.Data + InstructionState.DataBytes - 8, InstructionState.Data + InstructionState.DataBytes - 1,
        InstructionState.Data + InstructionState.DataBytes, InstructionState.ReadOnly + 8, InstructionState.Data - 1,
    ];

    private readonly Row _row = i.Row!;

    /// <summary>Whether bytes are looked up in a cipher's substitution box.</summary>
    private bool Substitutes => _row.Extensions.Any(extension => extension is "zknd" or "zkne" or "zksed");

    private bool Reads(Operands what) => (_row.Operands & what) != 0;

    /// <param name="many">Whether this is the row's first instance, which gets all operands.</param>
    public IEnumerable<InstructionState> States(bool many)
    {
        if (_row.Memory.Bytes != 0 || _row.Encoding.Format == Format.Amo || _row is CacheBlockRow or AtomicRow<CboZero>)
            return Memory(many);
        return _row switch
        {
            { Flow: Flow.JumpRegister } => Jumps(),
            { Encoding.Format: Format.Csr or Format.CsrImmediate } => Csrs(),
            _ when Reads(Operands.ReadsF1) || _row.ResultView != FloatView.None => Floats(many),
            _ => Integers(many),
        };
    }

    private InstructionState Fresh() => InstructionState.Fresh(pc, words);

    private InstructionState With(ulong a, ulong b)
    {
        InstructionState state = Fresh();
        if (Reads(Operands.ReadsX2) && i.Rs2 != 0)
            state.X[i.Rs2] = b;
        if (Reads(Operands.ReadsX1) && i.Rs1 != 0)
            state.X[i.Rs1] = a;
        return state;
    }

    private IEnumerable<InstructionState> Integers(bool many)
    {
        if (Reads(Operands.ReadsX2))
        {
            ulong[] values = many ? OperandValues.FewIntegers : [0, 1, ulong.MaxValue];
            foreach (ulong a in values)
            {
                foreach (ulong b in values)
                    yield return With(a, b);
            }
        }

        if (Reads(Operands.ReadsX1))
        {
            foreach (ulong a in many ? OperandValues.Integers : OperandValues.FewIntegers)
                yield return With(a, a);
            for (int n = 0; n < RandomStates; n++)
                yield return With(OperandValues.Any(random), OperandValues.Any(random));
            for (ulong n = 0; many && Substitutes && n < 256; n++)
                yield return With(n * 0x0101_0101_0101_0101, (255 - n) * 0x0101_0101_0101_0101);
        }
        else
        {
            yield return Fresh();
            for (int n = 0; n < RandomStates && _row.Operands == Operands.None; n++)
            {
                InstructionState state = Fresh();
                state.X[random.Next(1, 32)] = OperandValues.Any(random);
                yield return state;
            }
        }
    }

    private IEnumerable<InstructionState> Floats(bool many)
    {
        bool rounds = _row.UsesFrm(i);
        ulong[] values = FloatOperands();
        ulong[] modes = rounds ? OperandValues.RoundingModes : OperandValues.Flags;
        int n = 0;
        foreach (ulong a in many || i.Row!.Encoding.HasRoundingMode ? values : random.GetItems(values, FewStates))
        {
            for (int partner = many && Reads(Operands.ReadsF2) ? Partners : 1; partner > 0; partner--)
            {
                // All modes with the same operands, or flags in turn.
                ulong b = values[random.Next(values.Length)];
                ulong c = values[random.Next(values.Length)];
                for (int mode = many && rounds ? modes.Length : 1; mode > 0; mode--)
                    yield return FloatState(a, b, c, modes[n++ % modes.Length]);
            }
        }

        for (ulong reserved = 5; rounds && reserved < 8; reserved++)
        {
            InstructionState state = Fresh();
            state.Fcsr = reserved << 5;
            yield return state;
        }
    }

    private ulong[] FloatOperands() => _row switch
    {
        _ when Reads(Operands.ReadsX1) => OperandValues.IntegersForFloats,
        _ when !Reads(Operands.ReadsF1) => [0],
        { SourceView: FloatView.Half } => OperandValues.Halves,
        { SourceView: FloatView.Single } => OperandValues.Singles,
        _ => OperandValues.Doubles,
    };

    private InstructionState FloatState(ulong a, ulong b, ulong c, ulong fcsr)
    {
        InstructionState state = Fresh();
        if (Reads(Operands.ReadsF3))
            state.F[i.Rs3] = c;
        if (Reads(Operands.ReadsF2))
            state.F[i.Rs2] = b;
        if (Reads(Operands.ReadsF1))
            state.F[i.Rs1] = a;
        else if (Reads(Operands.ReadsX1) && i.Rs1 != 0)
            state.X[i.Rs1] = a;
        state.Fcsr = fcsr;
        return state;
    }

    private IEnumerable<InstructionState> Memory(bool many)
    {
        // A conditional store onto memory that may not be written need not fault before it fails.
        bool conditional = _row.Name.StartsWith("sc.", StringComparison.Ordinal);
        // qemu does misaligned read-modify-writes of a program with one thread; the manual lets them trap, and Linux sees
        // them trap. SystemInstructionTests and AtomicInstructionTests have them.
        bool aligned = _row.Encoding.Format == Format.Amo && Reads(Operands.ReadsX2);
        int bytes = aligned ? 1 << (int)((i.Word >> 12) & 7) : 1; // funct3
        ulong misaligned = (ulong)bytes - 1;
        foreach (ulong address in many ? s_addresses : random.GetItems(s_addresses, FewStates))
        {
            if (i.Rs1 == 0 || (conditional && !InWindow(address)) || (address & misaligned) != 0)
                continue;
            InstructionState state = Fresh();
            state.X[i.Rs1] = address - (ulong)i.Immediate;
            if (i.Rs2 != 0 && i.Rs2 != i.Rs1)
                state.X[i.Rs2] = OperandValues.Any(random);
            state.F[i.Rs2] = OperandValues.Any(random);
            yield return state;
            if (Reads(Operands.ReadsXD) && InWindow(address) && InWindow(address + 8) && i.Rd != 0 && i.Rs1 - i.Rd is not (0 or 1))
                yield return Equal(state, address, bytes);
        }
    }

    /// <summary>The same with what memory holds in rd: the comparison of amocas succeeds.</summary>
    private InstructionState Equal(InstructionState state, ulong address, int bytes)
    {
        InstructionState equal = state.Clone();
        ReadOnlySpan<byte> memory = equal.Memory.AsSpan((int)(address - InstructionState.Window), bytes);
        for (int part = 0; part < bytes; part += sizeof(ulong))
        {
            ulong value = 0;
            for (int n = Math.Min(bytes - part, sizeof(ulong)) - 1; n >= 0; n--)
                value = (value << 8) | memory[part + n];
            equal.X[i.Rd + (part / sizeof(ulong))] = value;
        }

        return equal;
    }

    private static bool InWindow(ulong address) =>
        address >= InstructionState.Window && address + 8 <= InstructionState.Window + InstructionState.WindowBytes;

    private IEnumerable<InstructionState> Jumps()
    {
        ulong[] targets = [pc + 0x40, pc + 0x41, pc - 0x1002, InstructionState.Code + 0x100, InstructionState.Data + InstructionState.DataBytes];
        foreach (ulong target in targets)
        {
            if (i.Rs1 != 0)
                yield return With(target - (ulong)i.Immediate, 0);
        }
    }

    private IEnumerable<InstructionState> Csrs()
    {
        foreach (ulong fcsr in (ulong[])[0, 0x1F, 0xA5, 0x60, 0xFF])
        {
            foreach (ulong source in (ulong[])[0, 0x1F, 3, 0xE0, ulong.MaxValue, 0x55])
            {
                InstructionState state = With(source, 0);
                state.Fcsr = fcsr;
                yield return state;
            }
        }
    }
}
