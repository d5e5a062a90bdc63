using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Machine;

/// <summary>Accesses at the ends of mappings and over the edge into pages with other rights: all of it happens or nothing.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed unsafe class PageBoundaryTests(Tier tier) : IDisposable
{
    private const ulong Edge = 0x40_0000;
    private const int Around = 16;

    private readonly GuestHarness _guest = new(tier);

    /// <summary>What lies behind a writable page, and whether loads and stores may cross into it.</summary>
    private static readonly (string Name, Access? Behind)[] s_neighbours =
    [
        ("nothing", null), ("no rights", Access.None), ("read", Access.Read), ("write", Access.ReadWrite),
        ("execute", Access.Execute), ("read execute", Access.Read | Access.Execute), ("all", Access.All),
    ];

    private static IEnumerable<TestCaseData> Cases =>
        from neighbour in s_neighbours
        from instruction in MemoryInstruction.All
        where !instruction.IsAtomic
        select new TestCaseData(instruction, neighbour.Behind).SetArgDisplayNames(instruction.Name, neighbour.Name);

    public void Dispose() => _guest.Dispose();

    [TestCaseSource(nameof(Cases))]
    public void CrossesOnlyWhereBothPagesAllow(object instruction, Access? behind)
    {
        var memory = (MemoryInstruction)instruction;
        Access need = memory.Writes ? Access.Write : Access.Read;
        ulong first = _guest.Map(Edge - HostMemory.PageSize, HostMemory.PageSize, Access.ReadWrite);
        ulong? second = behind is { } access ? _guest.Map(Edge, HostMemory.PageSize, access) : null;
        byte* before = _guest.Memory.Pointer(first, HostMemory.PageSize) + HostMemory.PageSize - Around;
        byte* after = second is { } s ? _guest.Memory.Pointer(s, HostMemory.PageSize) : null;
        uint word = memory.Word();
        for (int offset = -Around; offset < Around; offset++)
        {
            Fill(before, 0x11);
            Fill(after, 0x22);
            ulong address = Edge + (ulong)offset;
            bool reachesSecond = offset + memory.Bytes > 0;
            bool allowed = !reachesSecond || (behind is { } b && (b & need) == need);
            _guest.X[10] = _guest.F[10] = 0x9999_9999_9999_9999;
            _guest.X[11] = address;

            Trap trap = _guest.RunCode(word);

            ulong fault = Math.Max(address, Edge);
            Assert.That(trap, Is.EqualTo(allowed
                ? new Trap(TrapCause.Breakpoint, GuestHarness.CodeAddress + 4)
                : new Trap(memory.PageFault, fault)), $"offset {offset}");
            for (int at = -Around; at < Around; at++)
            {
                byte* place = at < 0 ? before + Around + at : after + at;
                if (at >= 0 && after == null)
                    continue;
                bool written = allowed && memory.Writes && at >= offset && at < offset + memory.Bytes;
                Assert.That(*place, Is.EqualTo(written ? 0x99 : at < 0 ? 0x11 : 0x22), $"byte {at} after offset {offset}");
            }
        }

        _guest.World.Unmap(Edge - HostMemory.PageSize, HostMemory.PageSize * 2);
        _guest.Memory.Free(first, HostMemory.PageSize);
        if (second is { } extent)
            _guest.Memory.Free(extent, HostMemory.PageSize);
    }

    [Test]
    public void ChecksThatStandForSeveralAccessesFaultAtTheRightOne()
    {
        // Two loads and two stores of one base register, together wider than the mapping that is left of them.
        _guest.Map(Edge - HostMemory.PageSize, HostMemory.PageSize, Access.ReadWrite);
        uint[] code =
        [
            Encoder.Word("ld", rd: 12, rs1: 11, imm: 0), Encoder.Word("sd", rs1: 11, rs2: 10, imm: 8),
            Encoder.Word("ld", rd: 13, rs1: 11, imm: 16), Encoder.Word("sd", rs1: 11, rs2: 10, imm: 24),
        ];
        ulong[] faults = [GuestHarness.CodeAddress + 16, GuestHarness.CodeAddress + 12, GuestHarness.CodeAddress + 8, GuestHarness.CodeAddress + 4];
        _guest.Assemble(GuestHarness.CodeAddress, code);
        for (int missing = 0; missing < 4; missing++)
        {
            ulong start = Edge - 32 + ((ulong)missing * 8);
            _guest.X[10] = 7;
            _guest.X[11] = start;
            Assert.That(_guest.World.TryWrite(Edge - 32, new byte[32]));

            Trap trap = _guest.Run(GuestHarness.CodeAddress);

            Assert.That(_guest.Pc, Is.EqualTo(faults[missing]), $"{missing} accesses beyond the end");
            Assert.That(trap.Cause, Is.EqualTo(missing == 0 ? TrapCause.Breakpoint
                : missing % 2 == 1 ? TrapCause.StorePageFault : TrapCause.LoadPageFault));
            Assert.That(_guest.World.TryRead(Math.Min(start + 8, Edge - 8), out ulong stored));
            Assert.That(stored, Is.EqualTo(missing < 3 ? 7 : 0));
        }

        _guest.World.Unmap(Edge - HostMemory.PageSize, HostMemory.PageSize);
    }

    private static void Fill(byte* at, byte value)
    {
        if (at != null)
            new Span<byte>(at, Around).Fill(value);
    }
}
