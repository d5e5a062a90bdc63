using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Machine;

/// <summary>Pages that code was decoded from: stores to them are noticed, whoever makes them.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed unsafe class CodePageTests(Tier tier) : IDisposable
{
    private const ulong Page = 0x40_0000;

    private readonly GuestHarness _guest = new(tier);

    public void Dispose() => _guest.Dispose();

    private byte Flags => _guest.World.PermissionTable[Page >> HostMemory.PageShift];

    [Test]
    public void WriteIsWithheldWhileCodeIsHeldAndComesBackWithTheFirstStoreToIt()
    {
        _guest.MapCode(Page, HostMemory.PageSize);
        Assert.That(Flags & PageFlags.Write, Is.Not.Zero);

        Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));
        _guest.Assemble(Page, Encoder.Word("addi", rd: 10, imm: 1));
        Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[10], Is.EqualTo(1));
        Assert.That(Flags & (PageFlags.Write | PageFlags.Code), Is.EqualTo(PageFlags.Code));

        // A store far from the code is done and leaves it alone; one into it drops it.
        Assert.That(_guest.World.TryStore(Page + 2048, 8, 0, out _));
        Assert.That(Flags & PageFlags.Code, Is.Not.Zero);
        Assert.That(_guest.World.TryStore(Page, 4, Encoder.Word("addi", rd: 10, imm: 2), out _));
        Assert.That(Flags & (PageFlags.Write | PageFlags.Code), Is.EqualTo(PageFlags.Write));

        Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[10], Is.EqualTo(2));
    }

    /// <summary>A system call that reads into code: another hart, or the compiler's thread, decodes the old bytes meanwhile.</summary>
    [Test]
    public void WhatWasDecodedBeforeNativeCodeHadWrittenIsForgotten()
    {
        _guest.MapCode(Page, HostMemory.PageSize);
        _guest.Assemble(Page, Encoder.Word("addi", rd: 10, imm: 1));
        byte* pointer = _guest.World.TryPointer(Page, sizeof(uint), Access.Write);
        Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));

        *(uint*)pointer = Encoder.Word("addi", rd: 10, imm: 2);
        _guest.World.NoteNativeWrite(Page, sizeof(uint));

        Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[10], Is.EqualTo(2));
    }

    [Test]
    public void NeighboursOfACodePageKnowThatTheyMayNotCrossIntoIt()
    {
        _guest.Map(Page - HostMemory.PageSize, HostMemory.PageSize, Access.ReadWrite);
        _guest.MapCode(Page, HostMemory.PageSize);
        ref byte before = ref _guest.World.PermissionTable[(Page >> HostMemory.PageShift) - 1];
        Assert.That(before & PageFlags.WritePair, Is.Not.Zero);

        _guest.Assemble(Page, Encoder.Word("addi", rd: 10, imm: 1));
        Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(before & PageFlags.WritePair, Is.Zero);

        // A store across the edge changes the instruction there: its upper half becomes that of addi a0,zero,5.
        ulong word = Encoder.Word("addi", rd: 10, imm: 5);
        _guest.X[11] = Page - 4;
        _guest.X[12] = word << 32;
        Assert.That(_guest.RunCode(Encoder.Word("sd", rs1: 11, rs2: 12)).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[10], Is.EqualTo(5));
    }

    [Test]
    public void EveryMemoryInstructionThatWritesIsNoticed()
    {
        _guest.MapCode(Page, HostMemory.PageSize);
        uint old = Encoder.Word("addi", rd: 15, imm: 1);
        uint now = Encoder.Word("addi", rd: 15, imm: 2);
        foreach (MemoryInstruction memory in MemoryInstruction.All.Where(m => m.Writes && m.Bytes >= 4))
        {
            string name = memory.Name.Split('.')[0];
            if (memory.IsAtomic && name != "amoswap")
                continue; // the others write what depends on what was there
            _guest.Assemble(Page, old, old);
            Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(_guest.X[15], Is.EqualTo(1), memory.Name);

            _guest.X[11] = Page;
            _guest.X[10] = _guest.X[12] = _guest.F[10] = now | ((ulong)now << 32);
            Assert.That(_guest.RunCode(memory.Word()).Cause, Is.EqualTo(TrapCause.Breakpoint));
            _guest.Assemble(Page + 4, 0x9002);
            Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(_guest.X[15], Is.EqualTo(2), memory.Name);
        }
    }

    [Test]
    public void RemappedCodeIsReadAnew()
    {
        ulong first = _guest.MapCode(Page, HostMemory.PageSize);
        _guest.Assemble(Page, Encoder.Word("addi", rd: 10, imm: 1));
        Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));

        _guest.MapCode(Page, HostMemory.PageSize);
        _guest.Assemble(Page, Encoder.Word("addi", rd: 10, imm: 2));
        Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[10], Is.EqualTo(2));

        Assert.That(_guest.World.TryMap(Page, HostMemory.PageSize, first, Access.Read | Access.Execute));
        Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[10], Is.EqualTo(1));

        _guest.World.Unmap(Page, HostMemory.PageSize);
        Assert.That(_guest.Run(Page), Is.EqualTo(new Trap(TrapCause.InstructionPageFault, Page)));
    }

    [Test]
    public void CodeWithoutItsRightIsNotExecuted()
    {
        _guest.MapCode(Page, HostMemory.PageSize);
        _guest.Assemble(Page, Encoder.Word("addi", rd: 10, imm: 1));
        Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));

        _guest.World.Protect(Page, HostMemory.PageSize, Access.ReadWrite);
        Assert.That(_guest.Run(Page), Is.EqualTo(new Trap(TrapCause.InstructionPageFault, Page)));
        Assert.That(Flags & (PageFlags.Write | PageFlags.Code), Is.EqualTo(PageFlags.Write));
    }

    [Test]
    public void UnmappingAnAliasOfACodePageLeavesNoRightBehind()
    {
        // One physical page twice, side by side: forgetting the code of the second must not grant the first again.
        ulong physical = _guest.MapCode(Page, HostMemory.PageSize);
        Assert.That(_guest.World.TryMap(Page + HostMemory.PageSize, HostMemory.PageSize, physical, Access.All));
        _guest.Assemble(Page, Encoder.Word("addi", rd: 10, imm: 1));
        Assert.That(_guest.Run(Page + HostMemory.PageSize).Cause, Is.EqualTo(TrapCause.Breakpoint));

        _guest.World.Unmap(Page, 2 * HostMemory.PageSize);

        Assert.That(Flags, Is.Zero);
        Assert.That(_guest.World.PermissionTable[(Page >> HostMemory.PageShift) + 1], Is.Zero);
        _guest.X[11] = Page;
        Assert.That(_guest.RunCode(Encoder.Word("sd", rs1: 11, rs2: 10)), Is.EqualTo(new Trap(TrapCause.StorePageFault, Page)));
    }
}
