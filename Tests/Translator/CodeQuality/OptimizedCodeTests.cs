using System.Numerics;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using NUnit.Framework;
using RvJit.Fuzz.Support;
using RvJit.Machine;
using RvJit.Tests.Linux;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Inspection;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Tables;
using Quality = RvJit.Translator.Inspection.CodeQuality;

namespace RvJit.Tests.Translator.CodeQuality;

/// <summary>
/// RyuJIT silently stops optimising methods that are too big (in IL bytes, IL instructions, blocks, locals, or uses of
/// locals). No region may be one, by the runtime's own account: <see cref="CodeQuality.MinOpts"/> in its events.
/// </summary>
public sealed class OptimizedCodeTests
{
    /// <summary>More than a region may have.</summary>
    private const int LongInstructions = 1000;
    private const ulong CodeBytes = 0x4000;

    /// <summary>No region goes on behind it, as one does behind ebreak.</summary>
    private const uint Unimplemented = 0;

    private const int Jal = 0x6F;

    /// <summary>The runtime now and then loses an event; a region that is not optimised is so each time.</summary>
    private const int Tries = 3;

    private RegionLog _log = null!;
    private MachineCodeLog _machineCode = null!;

    [SetUp]
    public void Listen()
    {
        _log = new RegionLog();
        _machineCode = new MachineCodeLog();
    }

    [TearDown]
    public void StopListening() => _machineCode.Dispose();

    /// <summary>That the events tell the one from the other.</summary>
    [TestCase(100, Quality.Optimized)]
    [TestCase(30_000, Quality.MinOpts)]
    public void ABigMethodIsNotOptimized(int additions, RvJit.Translator.Inspection.CodeQuality quality)
    {
        var method = new DynamicMethod("big", typeof(long), [typeof(long)]);
        ILGenerator il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        for (int n = 0; n < additions; n++)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Add);
        }

        il.Emit(OpCodes.Ret);
        RuntimeMethodHandle handle = GetMethodDescriptor(method);
        RuntimeHelpers.PrepareMethod(handle);
        Assert.That(_machineCode.Find(handle.GetFunctionPointer())?.Quality, Is.EqualTo(quality));
        GC.KeepAlive(method);
    }

    [Test]
    [Retry(Tries)]
    public void EveryRegionOfTheKernelsIsOptimized()
    {
        GuestResult result = new GuestProgram
        {
            Path = GuestPrograms.Kernels,
            Arguments = ["all", "1"],
            Tier = Tier.Jit,
            Engine = new EngineOptions { Log = _log },
        }.Run();

        Assert.That(result.Status.ShellCode, Is.Zero);
        AssertOptimized(least: 100);
    }

    /// <summary>The rows that need most IL, as often as they fit into a region: each alone, on all registers in turn.</summary>
    [Test]
    [Retry(Tries)]
    public void RegionsAtTheLimitsAreOptimized([Values] bool paged, [Values] bool counting)
    {
        Row[] rows =
        [
            .. InstructionTable.Rows.Where(row => row.Encoding.Bits == 32 && row.Flow == Flow.Next)
                .Where(row => row.CanTranslate(InstructionTable.Decode(Instance(row, 0)))),
        ];
        Row[] biggest = [.. rows.Zip(IlBytes(rows, paged, counting)).OrderByDescending(pair => pair.Second).Take(6).Select(pair => pair.First)];
        Translate(
            paged,
            counting,
            [
                .. biggest.Select(row => Enumerable.Range(0, LongInstructions).Select(n => Instance(row, n))),
                Enumerable.Range(0, LongInstructions).Select(n => Instance(biggest[n % biggest.Length], n)),
                Enumerable.Range(0, LongInstructions).Select(n => Instance(rows[n % rows.Length], n)),
            ]);
        AssertOptimized(least: biggest.Length);
    }

    /// <summary>Calls and branches at all distances: the region is left and entered again there, with all registers in use.</summary>
    [Test]
    [Retry(Tries)]
    public void RegionsOfManyEntriesAndExitsAreOptimized([Values] bool paged, [Values] bool counting)
    {
        // fadd.d fN,fN+1,fN+2; addi xN,xN+1,1; ...; jal ra, far away: fewer and fewer calls.
        IEnumerable<uint> Calls(int every) => Enumerable.Range(0, LongInstructions).Select(n => (n % every) switch
        {
            0 => Asm.J(Jal, 1, (int)CodeBytes),
            1 => Encoder.Word("fadd.d", rd: n % 32, rs1: (n + 1) % 32, rs2: (n + 2) % 32),
            _ => Encoder.Word("addi", rd: 2 + (n % 30), rs1: 2 + ((n + 7) % 30), imm: 1),
        });

        // addi xN,xN+1,1; ...; beq xN,xM, far away: places to leave.
        IEnumerable<uint> Branches(int every) => Enumerable.Range(0, LongInstructions).Select(n => n % every == 0
            ? Asm.B(0x63, 0, (uint)(1 + (n % 31)), (uint)(n % 29), 0xFFE)
            : Encoder.Word("addi", rd: 1 + (n % 31), rs1: 1 + ((n + 7) % 31), imm: 1));

        int[] distances = [2, 3, 4, 5, 7, 10, 16];
        Translate(paged, counting, [.. distances.Select(Calls), .. distances.Select(Branches)]);
        AssertOptimized(least: 2 * distances.Length);
    }

    /// <summary>Bytes of IL that a region of a few instances of each row has.</summary>
    private static IEnumerable<int> IlBytes(Row[] rows, bool paged, bool counting)
    {
        const int Few = 6;
        var log = new RegionLog();
        Translate(log, paged, counting, [.. rows.Select(row => Enumerable.Range(0, Few).Select(n => Instance(row, n)))]);
        Assert.That(log.Regions, Has.Count.EqualTo(rows.Length));
        return log.Regions.Select(region => region.Region.IlBytes);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern RuntimeMethodHandle GetMethodDescriptor(DynamicMethod method);

    private void AssertOptimized(int least)
    {
        IReadOnlyList<LoggedRegion> regions = _log.Regions;
        Assert.That(regions, Has.Count.AtLeast(least));
        LoggedRegion big = regions.MaxBy(region => region.Region.IlBytes)!;
        TestContext.Out.WriteLine($"{regions.Count} regions, the biggest of {big.Region.Instructions} instructions and {big.Region.IlBytes} bytes of IL");
        foreach (LoggedRegion region in regions)
        {
            MachineCode? code = _machineCode.Find(region.Region.Code);
            Assert.That(code, Is.Not.Null, "the runtime tells of every method");
            Assert.That(
                code!.Quality, Is.EqualTo(Quality.Optimized),
                $"region at 0x{region.Region.Entries[0]:x}: {region.Region.Instructions} instructions, {region.Region.IlBytes} bytes of IL");
        }
    }

    private void Translate(bool paged, bool counting, params IEnumerable<uint>[] pieces) => Translate(_log, paged, counting, pieces);

    /// <summary>
    /// Has pieces of code translated, one after the other, and executes none of them: a branch that is always taken
    /// stands before each.
    /// </summary>
    private static unsafe void Translate(RegionLog log, bool paged, bool counting, IEnumerable<uint>[] pieces)
    {
        const ulong Start = 0x10_0000;
        var options = new EngineOptions { Log = log, CountInstructions = counting };
        uint[][] codes = [.. pieces.Select(piece => (uint[])[.. piece])];
        ulong step = BitOperations.RoundUpToPowerOf2((ulong)codes.Max(code => code.Length + 2) * sizeof(uint));
        using var m = new MachineHarness(Tier.Jit, options: options);
        using var g = new GuestHarness(Tier.Jit, options: options);
        g.MapCode(Start, ((step * (ulong)codes.Length) + 4095) & ~4095UL);
        ulong first = paged ? MachineHarness.Code : Start;
        for (int n = 0; n < codes.Length; n++)
        {
            uint over = Asm.B(0x63, 0, 0, 0, (codes[n].Length + 1) * sizeof(uint)); // beq x0,x0
            uint[] code = [over, .. codes[n], Unimplemented];
            ulong at = first + ((ulong)n * step);
            _ = paged ? m.Assemble(at, code) : g.Assemble(at, code);
        }

        for (int n = 0; n < codes.Length; n++)
        {
            ulong at = first + ((ulong)n * step);
            Trap trap = paged ? m.Run(at) : g.Run(at);
            Assert.That(trap.Cause, Is.EqualTo(TrapCause.IllegalInstruction));
        }
    }

    /// <summary>The n-th instance of a row: other registers each time, small even immediates.</summary>
    private static uint Instance(Row row, int n)
    {
        var values = new Dictionary<string, long>
        {
            ["rd"] = n % 32,
            ["rs1"] = 1 + ((n + 3) % 31),
            ["rs2"] = 2 * ((n + 5) % 16),
            ["rs3"] = (n + 9) % 32,
            ["imm"] = 16 * (n % 100),
            ["shamt"] = n % 32,
            ["shamt5"] = n % 32,
            ["rnum"] = n % 11,
            ["bs"] = n % 4,
            ["csr"] = 1,
            ["uimm"] = n % 32,
            ["rm"] = 7,
            ["aq"] = 1,
            ["rl"] = 1,
            ["fm"] = 0,
            ["pred"] = 15,
            ["succ"] = 15,
        };
        return Encoder.Word(row, values);
    }
}
