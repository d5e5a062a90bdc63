using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Isa;

/// <summary>Executes every recorded vector of every row, in one tier, and compares the whole state.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed unsafe class VectorTests(Tier tier) : IDisposable
{
    private const int WorstTold = 5;

    private readonly GuestHarness _guest = new(tier, mapped: false);
    private byte* _window;
    private byte* _data;

    private static IEnumerable<string> Rows => InstructionVectors.Rows;

    [OneTimeSetUp]
    public void MapMemory()
    {
        _guest.MapCode(InstructionState.Code, InstructionState.CodeBytes);
        ulong data = _guest.Map(InstructionState.Data, InstructionState.DataBytes, Access.ReadWrite);
        _guest.Map(InstructionState.ReadOnly, InstructionState.ReadOnlyBytes, Access.Read);
        _data = _guest.Memory.Pointer(data, InstructionState.DataBytes);
        _window = _data + (InstructionState.Window - InstructionState.Data);
    }

    [OneTimeTearDown]
    public void TranslatedWhatItShould() =>
        Assert.That(_guest.Engine.Statistics.RegionsCompiled, tier == Tier.Jit ? Is.Positive : Is.Zero);

    public void Dispose() => _guest.Dispose();

    [TestCaseSource(nameof(Rows))]
    public void AnswersAsRecorded(string row)
    {
        int count = 0;
        var wrong = new List<string>();
        foreach (VectorGroup group in InstructionVectors.Of(row))
        {
            ulong end = _guest.Assemble(group.Pc, group.Words);
            foreach ((InstructionState before, InstructionState after) in group.Cases)
            {
                count++;
                Enter(before);
                Trap trap = _guest.Run(group.Pc);
                foreach (string difference in Differences(after, trap))
                    wrong.Add($"{Disassembler.Format(group.Words[0], group.Pc)} ({group.Words[0]:x8}, rs1 {Source(before, group)}): {difference}");
            }

            _guest.Erase(group.Pc, end);
        }

        Assert.That(wrong.Take(WorstTold), Is.Empty, $"{wrong.Count} differences in {count} vectors");
        Assert.That(count, Is.GreaterThan(0));
        Assert.That(_guest.Engine.Statistics.LastCompileFailure, Is.Null, "regions that could not be compiled");
    }

    private static string Source(InstructionState before, VectorGroup group) =>
        $"{before.X[InstructionTable.Decode(group.Words[0]).Rs1]:x}";

    private void Enter(InstructionState state)
    {
        state.X.CopyTo(_guest.X);
        state.F.CopyTo(_guest.F);
        _guest.Fcsr = (uint)state.Fcsr;
        _guest.State->ReservationAddress = HartState.NoReservation;
        new Span<byte>(_data, (int)InstructionState.DataBytes).Clear();
        state.Memory.CopyTo(new Span<byte>(_window, InstructionState.WindowBytes));
    }

    private IEnumerable<string> Differences(InstructionState expected, Trap trap)
    {
        if (Expected(expected) is var cause && cause != trap.Cause)
            yield return $"ended with {trap} instead of {cause}";
        if (expected.Address != 0 && trap.Value != expected.Address)
            yield return $"tval is {trap.Value:x} instead of {expected.Address:x}";
        if (_guest.Pc != expected.Pc)
            yield return $"pc is {_guest.Pc:x} instead of {expected.Pc:x}";
        for (int i = 0; i < 32; i++)
        {
            if (_guest.X[i] != expected.X[i])
                yield return $"{RegisterNames.Integer[i]} is {_guest.X[i]:x} instead of {expected.X[i]:x}";
            if (_guest.F[i] != expected.F[i])
                yield return $"{RegisterNames.Float[i]} is {_guest.F[i]:x} instead of {expected.F[i]:x}";
        }

        if (_guest.Fcsr != expected.Fcsr)
            yield return $"fcsr is {_guest.Fcsr:x} instead of {expected.Fcsr:x}";
        if (!Window.SequenceEqual(expected.Memory))
            yield return $"memory is {Convert.ToHexStringLower(Window)} instead of {Convert.ToHexStringLower(expected.Memory)}";
    }

    private ReadOnlySpan<byte> Window => new(_window, InstructionState.WindowBytes);

    /// <summary>The trap behind a signal. Linux tells fetch, load and store faults apart only by pc and instruction.</summary>
    private static TrapCause Expected(InstructionState after)
    {
        const ulong Illegal = 4, Bus = 7, Segmentation = 11;
        Instruction i = InstructionTable.Decode(after.Words[0]);
        bool stores = i.Row is { } row && (row.Memory.Writes || (row.Operands & Operands.ReadsX2) != 0 || row.Name.StartsWith("cbo.", StringComparison.Ordinal));
        bool fetch = after.Pc < InstructionState.Code || after.Pc >= InstructionState.Code + InstructionState.CodeBytes;
        return after.Signal switch
        {
            InstructionState.Breakpoint => TrapCause.Breakpoint,
            Illegal => TrapCause.IllegalInstruction,
            Segmentation when fetch => TrapCause.InstructionPageFault,
            Segmentation => stores ? TrapCause.StorePageFault : TrapCause.LoadPageFault,
            Bus => stores ? TrapCause.StoreAddressMisaligned : TrapCause.LoadAddressMisaligned,
            _ => throw new InvalidOperationException($"signal {after.Signal} in the vectors"),
        };
    }
}
