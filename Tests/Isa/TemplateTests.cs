using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Float;
using RvJit.Tests.Isa.Recording;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Tests.Isa;

/// <summary>Translated code against the kernels, which are what instructions mean.</summary>
public sealed unsafe class TemplateTests : IDisposable
{
    private const int Seed = 1729;
    private const int OperandPairs = 3000;
    private const int Immediates = 24;
    private const int OperandsOfAnImmediate = 100;
    private const int Rd = 10;
    private const int Rs1 = 11;
    private const int Rs2 = 12;
    private const int Rs3 = 13;

    private readonly GuestHarness _guest = new(Tier.Jit);

    private static IEnumerable<string> RowsOf(Type generic) => InstructionTable.Rows
        .Where(row => row.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == generic)
        .Select(row => row.Name);

    private static IEnumerable<string> RegisterRows => RowsOf(typeof(RegRegRow<>));

    private static IEnumerable<string> ImmediateRows => RowsOf(typeof(RegImmRow<>));

    private static IEnumerable<string> UnaryRows => RowsOf(typeof(UnaryRow<>));

    private static IEnumerable<string> ByteSelectRows => RowsOf(typeof(ByteSelectRow<>));

    private static IEnumerable<string> FloatOperations => FloatVectors.Operations;

    public void Dispose() => _guest.Dispose();

    [TestCaseSource(nameof(RegisterRows))]
    public void RegistersGiveWhatTheKernelGives(string name)
    {
        var kernel = KernelOf<Func<ulong, ulong, ulong>>(name);
        var random = new Random(Seed);
        Put(Encoder.Word(name, rd: Rd, rs1: Rs1, rs2: Rs2));
        for (int n = 0; n < OperandPairs; n++)
        {
            (ulong a, ulong b) = (OperandValues.Any(random), OperandValues.Any(random));
            Assert.That(Run(a, b), Is.EqualTo(kernel(a, b)), $"{name} of {a:x} and {b:x}");
        }

        AssertTranslated();
    }

    [TestCaseSource(nameof(ImmediateRows))]
    public void ImmediatesGiveWhatTheKernelGives(string name)
    {
        var kernel = KernelOf<Func<ulong, ulong, ulong>>(name);
        var random = new Random(Seed);
        for (int n = 0; n < Immediates; n++)
        {
            uint word = Encoder.Random(Encoder.Row(name), random);
            word = (word & ~0xFFF80u) | (word & 0x7000) | (Rd << 7) | (Rs1 << 15);
            long immediate = InstructionTable.Decode(word).Immediate;
            Put(word);
            for (int k = 0; k < OperandsOfAnImmediate; k++)
            {
                ulong a = OperandValues.Any(random);
                Assert.That(Run(a, 0), Is.EqualTo(kernel(a, (ulong)immediate)), $"{name} of {a:x} and {immediate}");
            }
        }

        AssertTranslated();
    }

    [TestCaseSource(nameof(UnaryRows))]
    public void OneRegisterGivesWhatTheKernelGives(string name)
    {
        var kernel = KernelOf<Func<ulong, ulong>>(name);
        var random = new Random(Seed);
        Put(Encoder.Word(name, rd: Rd, rs1: Rs1));
        for (int n = 0; n < OperandPairs; n++)
        {
            ulong a = OperandValues.Any(random);
            Assert.That(Run(a, 0), Is.EqualTo(kernel(a)), $"{name} of {a:x}");
        }

        AssertTranslated();
    }

    [TestCaseSource(nameof(ByteSelectRows))]
    public void BytesGiveWhatTheKernelGives(string name)
    {
        var kernel = KernelOf<Func<ulong, ulong, int, ulong>>(name);
        var random = new Random(Seed);
        for (int select = 0; select < 4; select++)
        {
            Put(Encoder.Word(name, rd: Rd, rs1: Rs1, rs2: Rs2, imm: select));
            for (int n = 0; n < OperandPairs; n++)
            {
                (ulong a, ulong b) = (OperandValues.Any(random), OperandValues.Any(random));
                Assert.That(Run(a, b), Is.EqualTo(kernel(a, b, select)), $"{name} of {a:x} and byte {select} of {b:x}");
            }
        }

        AssertTranslated();
    }

    /// <summary>The recordings that the kernels were checked with, now as instructions in translated code.</summary>
    [TestCaseSource(nameof(FloatOperations))]
    public void FloatsGiveWhatWasRecorded(string operation)
    {
        bool registers = operation.EndsWith(".reg", StringComparison.Ordinal);
        Row row = Encoder.Row(registers ? operation[..^".reg".Length] : operation);
        foreach (int rm in row.Encoding.HasRoundingMode ? new[] { RoundingModes.Dynamic, 0, 1, 2, 3, 4 } : [0])
        {
            Put(Encoder.Word(row.Name, rd: Rd, rs1: Rs1, rs2: Rs2Of(row), rs3: Rs3, rm: rm));
            foreach (FloatVector vector in FloatVectors.Of(operation))
            {
                // A static mode while frm says another one.
                if (rm == RoundingModes.Dynamic || rm == vector.RoundingMode)
                    RunFloat(row, vector, registers, rm == RoundingModes.Dynamic ? vector.RoundingMode : (rm + 1) % RoundingModes.Highest);
            }
        }

        AssertTranslated();
    }

    /// <summary>An rs2 that stands for something else is fixed in the encoding.</summary>
    private static int Rs2Of(Row row) => row.EncodingText.Contains("rs2", StringComparison.Ordinal) ? Rs2 : 0;

    private static F KernelOf<F>(string name)
        where F : Delegate =>
        Encoder.Row(name).GetType().GetGenericArguments()[0].GetMethod(nameof(IBinaryKernel.Compute))!.CreateDelegate<F>();

    private void RunFloat(Row row, FloatVector vector, bool registers, int frm)
    {
        bool boxes = !registers && row.SourceView == FloatView.Single;
        _guest.F[Rs1] = Register(vector.A);
        _guest.F[Rs2] = Register(vector.B);
        _guest.F[Rs3] = Register(vector.C);
        _guest.Fcsr = (uint)frm << 5;
        ulong x = Run(vector.A, 0);
        ulong result = row.ResultView == FloatView.None ? x : _guest.F[Rd];
        ulong expected = !registers && row.ResultView == FloatView.Single ? 0xFFFF_FFFF_0000_0000 | vector.Result : vector.Result;
        uint flags = _guest.Fcsr & 31;
        if (result != expected || flags != vector.Flags)
            Assert.Fail($"{vector}: {result:x} with flags {flags:x} instead of {expected:x} with {vector.Flags:x}");

        ulong Register(ulong value) => boxes ? 0xFFFF_FFFF_0000_0000 | value : value;
    }

    private void Put(uint word)
    {
        _guest.Erase(GuestHarness.CodeAddress, GuestHarness.CodeAddress + 8);
        _guest.Assemble(GuestHarness.CodeAddress, word);
    }

    private ulong Run(ulong a, ulong b)
    {
        _guest.X[Rs1] = a;
        _guest.X[Rs2] = b;
        Trap trap = _guest.Run(GuestHarness.CodeAddress);
        if (trap.Cause != TrapCause.Breakpoint || _guest.Pc != GuestHarness.CodeAddress + 4)
            Assert.Fail($"ended with {trap} at {_guest.Pc:x}");
        return _guest.X[Rd];
    }

    private void AssertTranslated()
    {
        Assert.That(_guest.Engine.Statistics.LastCompileFailure, Is.Null);
        Assert.That(_guest.Engine.Statistics.RegionsCompiled, Is.Positive);
    }
}
