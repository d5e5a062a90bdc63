using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Machine;

/// <summary>Whatever address guest code computes, it reaches nothing but its window.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed class AddressLimitTests(Tier tier) : IDisposable
{
    private const ulong LastPage = World.AddressLimit - HostMemory.PageSize;

    private readonly GuestHarness _guest = new(tier);

    private static IEnumerable<MemoryInstruction> Instructions => MemoryInstruction.All;

    /// <summary>Outside the window; many of them would be mapped pages if a bit of the address were dropped.</summary>
    private static IEnumerable<ulong> Outside
    {
        get
        {
            for (int bit = World.AddressBits; bit < 64; bit++)
                yield return (1UL << bit) + GuestHarness.DataAddress;
            yield return World.AddressLimit;
            yield return World.AddressLimit + HostMemory.PageSize;
            yield return unchecked(GuestHarness.DataAddress - World.AddressLimit);
            yield return ulong.MaxValue - 7;
            yield return ulong.MaxValue - 4095;

            // Where the permission table and the directory would be, counted from the window's base.
            yield return unchecked(0UL - (ulong)World.TableDisplacement);
            yield return unchecked(0UL - (ulong)World.DirectoryDisplacement);
            yield return 0x7FFF_FFFF_FFFF_FFF8;
            yield return 0xFFFF_FFC0_0000_0000;
        }
    }

    [OneTimeSetUp]
    public void MapTheLastPage() => _guest.Map(LastPage, HostMemory.PageSize, Access.ReadWrite);

    public void Dispose() => _guest.Dispose();

    [TestCaseSource(nameof(Instructions))]
    public void NothingOutsideTheWindowIsReached(object instruction)
    {
        var memory = (MemoryInstruction)instruction;
        uint word = memory.Word();
        foreach (ulong address in Outside)
        {
            // Atomics are aligned, or it is another trap.
            ulong at = memory.IsAtomic ? address & ~((ulong)memory.Bytes - 1) : address;
            Assert.That(RunAt(word, at), Is.EqualTo(new Trap(memory.PageFault, at)));
        }
    }

    [TestCaseSource(nameof(Instructions))]
    public void OffsetsWrapAround(object instruction)
    {
        var memory = (MemoryInstruction)instruction;
        if (memory.IsAtomic)
            return; // they have none

        // Below zero is the top of the address space, and the other way round.
        Assert.That(RunAt(memory.Word(-2048), 8), Is.EqualTo(new Trap(memory.PageFault, unchecked(8UL - 2048))));
        Assert.That(RunAt(memory.Word(2040), ulong.MaxValue - 7), Is.EqualTo(new Trap(memory.PageFault, 2032)));
        Assert.That(RunAt(memory.Word(-8), World.AddressLimit + 8), Is.EqualTo(new Trap(memory.PageFault, World.AddressLimit)));
        Assert.That(RunAt(memory.Word(8), World.AddressLimit - 8), Is.EqualTo(new Trap(memory.PageFault, World.AddressLimit)));
        Assert.That(RunAt(memory.Word(-16), World.AddressLimit).Cause, Is.EqualTo(TrapCause.Breakpoint));

        // The sum counts, not the base.
        Assert.That(RunAt(memory.Word(-2048), GuestHarness.DataAddress + 2048).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(RunAt(memory.Word(2040), GuestHarness.DataAddress - 2040).Cause, Is.EqualTo(TrapCause.Breakpoint));
    }

    [TestCaseSource(nameof(Instructions))]
    public void TheLastBytesOfTheWindowAreReachedAndNoFurther(object instruction)
    {
        var memory = (MemoryInstruction)instruction;
        ulong last = World.AddressLimit - (ulong)memory.Bytes;

        Assert.That(RunAt(memory.Word(), last).Cause, Is.EqualTo(TrapCause.Breakpoint));
        for (ulong beyond = 1; beyond < (ulong)memory.Bytes && !memory.IsAtomic; beyond++)
            Assert.That(RunAt(memory.Word(), last + beyond), Is.EqualTo(new Trap(memory.PageFault, World.AddressLimit)));
    }

    [Test]
    public void CodeCannotLieOutsideTheWindow([ValueSource(nameof(Outside))] ulong address)
    {
        _guest.X[11] = address;
        Trap trap = _guest.RunCode(Encoder.Word("jalr", rd: 1, rs1: 11));

        Assert.That(trap, Is.EqualTo(new Trap(TrapCause.InstructionPageFault, address)));
        Assert.That(_guest.Pc, Is.EqualTo(address));
        Assert.That(_guest.X[1], Is.EqualTo(GuestHarness.CodeAddress + 4));
    }

    [Test]
    public void BranchesAndJumpsDoNotWrapIntoTheWindow()
    {
        Assert.That(_guest.World.TryMap(0, HostMemory.PageSize, _guest.Memory.Base, Access.All));
        uint back = Encoder.Word("jal", rd: 0, imm: -16);
        _guest.Assemble(0, back);
        Assert.That(_guest.Run(0), Is.EqualTo(new Trap(TrapCause.InstructionPageFault, ulong.MaxValue - 15)));

        uint branch = Encoder.Word("beq", imm: -4096);
        _guest.Assemble(0, branch);
        Assert.That(_guest.Run(0), Is.EqualTo(new Trap(TrapCause.InstructionPageFault, ulong.MaxValue - 4095)));
        _guest.World.Unmap(0, HostMemory.PageSize);
    }

    [Test]
    public void CodeRunsOffTheEndOfTheWindow()
    {
        const uint nop = 0x13;
        _guest.World.Unmap(LastPage, HostMemory.PageSize);
        _guest.MapCode(LastPage, HostMemory.PageSize);
        _guest.Assemble(World.AddressLimit - 8, nop, nop);
        Trap trap = _guest.Run(World.AddressLimit - 8);
        _guest.World.Unmap(LastPage, HostMemory.PageSize);
        MapTheLastPage();

        Assert.That(trap, Is.EqualTo(new Trap(TrapCause.InstructionPageFault, World.AddressLimit)));
        Assert.That(_guest.Pc, Is.EqualTo(World.AddressLimit));
    }

    private Trap RunAt(uint word, ulong address)
    {
        _guest.X[11] = address;
        _guest.X[10] = 1;
        return _guest.RunCode(word);
    }
}
