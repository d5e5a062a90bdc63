using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Machine;

/// <summary>What PMP withholds is an access fault to guest code, however the page is mapped.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed class PmpAccessTests(Tier tier) : IDisposable
{
    private const ulong Denied = 0x40_0000;
    private const ulong Whole = (1UL << 54) - 1;

    private readonly GuestHarness _guest = new(tier);

    private static IEnumerable<MemoryInstruction> Instructions => MemoryInstruction.All;

    public void Dispose() => _guest.Dispose();

    [TestCaseSource(nameof(Instructions))]
    public void ADeniedPageIsAnAccessFault(object instruction)
    {
        var memory = (MemoryInstruction)instruction;
        ulong physical = _guest.Map(Denied, HostMemory.PageSize, Access.ReadWrite);
        _guest.X[11] = Denied + 64;
        Assert.That(_guest.RunCode(memory.Word()).Cause, Is.EqualTo(TrapCause.Breakpoint));

        _guest.World.ApplyPmp(Deny(physical, HostMemory.PageSize, Access.None));
        Assert.That(_guest.Run(GuestHarness.CodeAddress), Is.EqualTo(new Trap(memory.AccessFault, Denied + 64)));

        _guest.World.ApplyPmp(Deny(physical, HostMemory.PageSize, Access.Read));
        Assert.That(_guest.Run(GuestHarness.CodeAddress), memory.Writes
            ? Is.EqualTo(new Trap(TrapCause.StoreAccessFault, Denied + 64))
            : Is.EqualTo(new Trap(TrapCause.Breakpoint, GuestHarness.CodeAddress + 4)));

        _guest.World.ApplyPmp(new PmpRegisters(0));
        Assert.That(_guest.Run(GuestHarness.CodeAddress).Cause, Is.EqualTo(TrapCause.Breakpoint));
    }

    [TestCaseSource(nameof(Instructions))]
    public void APartOfAPageMayBeDenied(object instruction)
    {
        var memory = (MemoryInstruction)instruction;
        const ulong bytes = 32;
        ulong physical = _guest.Map(Denied, HostMemory.PageSize, Access.ReadWrite);
        _guest.World.ApplyPmp(Deny(physical + 64, bytes, Access.None));
        _guest.RunCode(memory.Word());
        for (ulong offset = 40; offset < 110; offset++)
        {
            if (memory.IsAtomic && offset % (ulong)memory.Bytes != 0)
                continue;
            bool touches = offset + (ulong)memory.Bytes > 64 && offset < 64 + bytes;
            _guest.X[11] = Denied + offset;
            Assert.That(_guest.Run(GuestHarness.CodeAddress), Is.EqualTo(touches
                ? new Trap(memory.AccessFault, Denied + offset)
                : new Trap(TrapCause.Breakpoint, GuestHarness.CodeAddress + 4)), $"offset {offset}");
        }
    }

    [Test]
    public void CodeOfADeniedPageIsNotExecutedAnyMore()
    {
        ulong physical = _guest.MapCode(Denied, HostMemory.PageSize);
        Assert.That(_guest.Run(Denied).Cause, Is.EqualTo(TrapCause.Breakpoint));

        _guest.World.ApplyPmp(Deny(physical, HostMemory.PageSize, Access.ReadWrite));
        Assert.That(_guest.Run(Denied), Is.EqualTo(new Trap(TrapCause.InstructionAccessFault, Denied)));

        _guest.World.ApplyPmp(new PmpRegisters(0));
        Assert.That(_guest.Run(Denied).Cause, Is.EqualTo(TrapCause.Breakpoint));
    }

    [Test]
    public void CodeInALoopIsNotExecutedAnyMoreEither()
    {
        // The loop calls a function in another page, which loses its right between two runs.
        ulong physical = _guest.MapCode(Denied, HostMemory.PageSize);
        _guest.Assemble(Denied, Encoder.Word("addi", rd: 10, rs1: 10, imm: 1), Encoder.Word("jalr", rs1: 1));
        _guest.X[11] = Denied;
        _guest.X[12] = 3;
        _guest.Assemble(GuestHarness.CodeAddress,
            Encoder.Word("jalr", rd: 1, rs1: 11), Encoder.Word("addi", rd: 12, rs1: 12, imm: -1), Encoder.Word("bne", rs1: 12, imm: -8));
        Assert.That(_guest.Run(GuestHarness.CodeAddress).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[10], Is.EqualTo(3));

        _guest.World.ApplyPmp(Deny(physical, HostMemory.PageSize, Access.Read));
        _guest.X[12] = 3;
        Assert.That(_guest.Run(GuestHarness.CodeAddress), Is.EqualTo(new Trap(TrapCause.InstructionAccessFault, Denied)));
        Assert.That(_guest.X[10], Is.EqualTo(3));
    }

    [Test]
    public void NativeCodeIsHeldToTheSameRules()
    {
        ulong physical = _guest.Map(Denied, HostMemory.PageSize, Access.ReadWrite);
        _guest.World.ApplyPmp(Deny(physical + 64, 32, Access.Read));
        byte[] buffer = new byte[128];

        Assert.That(_guest.World.TryRead(Denied, buffer));
        Assert.That(_guest.World.TryWrite(Denied, buffer), Is.False);
        Assert.That(_guest.World.TryWrite(Denied, buffer.AsSpan(0, 64)));
        _guest.World.ApplyPmp(Deny(physical + 64, 32, Access.None));
        Assert.That(_guest.World.TryRead(Denied, buffer), Is.False);
    }

    /// <summary>A range with other rights in front of an entry that allows everything.</summary>
    private static PmpRegisters Deny(ulong physical, ulong bytes, Access left)
    {
        var pmp = new PmpRegisters(2);
        pmp.Set(0, (byte)(PmpRegisters.ModeNapot | (byte)left), PmpRegisters.NapotAddress(physical, bytes));
        pmp.Set(1, PmpRegisters.ModeNapot | (byte)Access.All, Whole);
        return pmp;
    }
}
