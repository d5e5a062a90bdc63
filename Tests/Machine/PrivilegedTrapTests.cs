using NUnit.Framework;
using RvJit.Machine;

namespace RvJit.Tests.Machine;

/// <summary>Taking exceptions: where to, what is recorded, and when a hart is stuck.</summary>
public unsafe class PrivilegedTrapTests
{
    private const ulong MachineHandler = 0x8000_4000;
    private const ulong SupervisorHandler = 0x8000_8000;
    private const ulong Pc = 0x8000_0F00;
    private const ulong Value = 0xDEAD_BEEF;

    private static PrivilegedHart At(Privilege mode, ulong medeleg, ulong vectorMode = 0)
    {
        var hart = new PrivilegedHart();
        hart["mtvec"] = MachineHandler | vectorMode;
        hart["stvec"] = SupervisorHandler | vectorMode;
        hart["medeleg"] = medeleg;
        hart.Enter(mode, Pc);
        return hart;
    }

    [Test]
    public void ExceptionsGoToMachineModeUnlessDelegated([Values] Privilege from, [Values] bool delegated, [Values(0UL, 1UL)] ulong vectorMode)
    {
        using PrivilegedHart hart = At(from, delegated ? 1UL << (int)TrapCause.LoadPageFault : 0, vectorMode);

        Assert.That(hart.Take(TrapCause.LoadPageFault, Value), Is.EqualTo(TrapOutcome.Resume));

        bool supervisor = delegated && from != Privilege.Machine;
        Assert.That(hart.Mode, Is.EqualTo(supervisor ? Privilege.Supervisor : Privilege.Machine));
        Assert.That(hart.Pc, Is.EqualTo(supervisor ? SupervisorHandler : MachineHandler), "exceptions are never vectored");
        string x = supervisor ? "s" : "m";
        Assert.That((hart[x + "epc"], hart[x + "cause"], hart[x + "tval"]), Is.EqualTo((Pc, 13UL, Value)));
    }

    [Test]
    public void EveryDelegableExceptionIsDelegatedByItsOwnBit()
    {
        foreach (TrapCause cause in Enum.GetValues<TrapCause>().Where(c => c is not (TrapCause.Requested or TrapCause.EnvironmentCallFromM or TrapCause.InstructionAddressMisaligned)))
        {
            using PrivilegedHart own = At(Privilege.Supervisor, 1UL << (int)cause);
            own.Take(cause);
            Assert.That(own.Mode, Is.EqualTo(Privilege.Supervisor), $"{cause}");

            using PrivilegedHart others = At(Privilege.Supervisor, ~(1UL << (int)cause));
            others.Take(cause);
            Assert.That(others.Mode, Is.EqualTo(Privilege.Machine), $"{cause}");
        }
    }

    [Test]
    public void MachineModePushesItsStack([Values] Privilege from, [Values] bool enabled)
    {
        using PrivilegedHart hart = At(from, 0);
        hart.Unit.State.SetStatus(Mstatus.With(hart.Unit.State.Status, Mstatus.Mie, enabled) | Mstatus.Mprv | Mstatus.Sie);

        hart.Take(TrapCause.IllegalInstruction);

        ulong status = hart["mstatus"];
        Assert.That(Mstatus.MppOf(status), Is.EqualTo(from));
        Assert.That((status & Mstatus.Mpie) != 0, Is.EqualTo(enabled));
        Assert.That(status & (Mstatus.Mie | Mstatus.Mprv | Mstatus.Sie), Is.EqualTo(Mstatus.Mprv | Mstatus.Sie));
    }

    [Test]
    public void SupervisorModePushesItsStack([Values(Privilege.User, Privilege.Supervisor)] Privilege from, [Values] bool enabled)
    {
        using PrivilegedHart hart = At(from, ulong.MaxValue);
        hart.Unit.State.SetStatus(Mstatus.With(hart.Unit.State.Status, Mstatus.Sie, enabled) | Mstatus.Mie);

        hart.Take(TrapCause.IllegalInstruction);

        ulong status = hart.Unit.State.Status;
        Assert.That((status & Mstatus.Spp) != 0, Is.EqualTo(from == Privilege.Supervisor));
        Assert.That((status & Mstatus.Spie) != 0, Is.EqualTo(enabled));
        Assert.That(status & (Mstatus.Sie | Mstatus.Mie), Is.EqualTo(Mstatus.Mie));
    }

    [Test]
    public void TranslationHearsOfEveryChange()
    {
        using PrivilegedHart hart = At(Privilege.User, 0);
        Assert.That(hart.Unit.State.TranslationMode.Data, Is.EqualTo(Privilege.User));
        hart.Take(TrapCause.EnvironmentCallFromU);
        hart["mstatus"] = Mstatus.WithMpp(Mstatus.Mprv | Mstatus.Sum | Mstatus.Fs, Privilege.Supervisor);
        hart["menvcfg"] = Envcfg.Adue;
        hart["satp"] = (8UL << 60) | 5;

        RvJit.Machine.Paging.TranslationMode mode = hart.Unit.State.TranslationMode;
        Assert.That((mode.Fetch, mode.Data, mode.Sum, mode.Mxr), Is.EqualTo((Privilege.Machine, Privilege.Supervisor, true, false)));
        Assert.That((mode.HardwareUpdate, mode.MemoryTypes, mode.FloatDirty, mode.Satp), Is.EqualTo((true, false, true, (8UL << 60) | 5)));
    }

    [Test]
    public void AHandlerThatCannotBeFetchedIsDiagnosed()
    {
        using var hart = new PrivilegedHart();
        hart.Hart.State->X[5] = 0x1234_5678;
        Assert.That(hart.Take(TrapCause.LoadAccessFault, Value), Is.EqualTo(TrapOutcome.Resume));

        int steps = 0;
        while (hart.Take(TrapCause.InstructionAccessFault, hart.Pc) == TrapOutcome.Resume)
            Assert.That(++steps, Is.LessThan(100_000));

        MachineStop? failure = hart.Unit.Traps.Failure;
        Assert.That(failure?.Reason, Is.EqualTo("hart 0: the trap handler in Machine mode cannot handle InstructionAccessFault (tval 0x0)"
            + " at pc 0x0, which came from LoadAccessFault (tval 0xdeadbeef) at pc 0x80000000"));
        Assert.That(failure?.Registers, Does.Contain("0000000012345678"));
    }

    [Test]
    public void HandlersThatReturnAndCallsThatRepeatAreNoLoop()
    {
        using PrivilegedHart hart = At(Privilege.User, 0);
        for (int i = 0; i < 5000; i++)
        {
            Assert.That(hart.Take(TrapCause.LoadPageFault, Value), Is.EqualTo(TrapOutcome.Resume));
            Assert.That(hart.Execute("mret"), Is.Null);
        }

        for (int i = 0; i < 5000; i++)
        {
            hart.Hart.State->Pc = Pc;
            Assert.That(hart.Take(TrapCause.EnvironmentCallFromM), Is.EqualTo(TrapOutcome.Resume));
        }
    }

    [Test]
    public void AHandlerThatMovesOnIsNoLoop()
    {
        using PrivilegedHart hart = At(Privilege.Machine, 0);
        for (ulong i = 0; i < 5000; i++)
        {
            hart.Hart.State->Pc = Pc;
            hart.Hart.State->X[10] = i;
            Assert.That(hart.Take(TrapCause.IllegalInstruction), Is.EqualTo(TrapOutcome.Resume));
        }
    }

    [TestCase(HartRequests.Stop)]
    [TestCase(HartRequests.Limit)]
    public void RequestsEndTheHart(HartRequests request)
    {
        using PrivilegedHart hart = At(Privilege.User, 0);
        hart.Hart.Request(request);
        Assert.That(hart.Unit.Traps.Handle(hart.Hart, Trap.Requested), Is.EqualTo(TrapOutcome.Exit));
        Assert.That(hart.Unit.Traps.EndedBy, Is.EqualTo(request));
        Assert.That(hart.Unit.Traps.Failure, Is.Null);
    }
}
