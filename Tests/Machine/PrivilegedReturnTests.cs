using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;

namespace RvJit.Tests.Machine;

/// <summary>mret, sret, wfi and the fences: who may execute them, and what returning does to mstatus.</summary>
public class PrivilegedReturnTests
{
    private const ulong Target = 0x8000_1234;

    // Instruction, mode, mstatus bits set before, legal.
    [TestCase("mret", Privilege.Machine, 0UL, true)]
    [TestCase("mret", Privilege.Supervisor, 0UL, false)]
    [TestCase("mret", Privilege.User, 0UL, false)]
    [TestCase("sret", Privilege.Machine, 0UL, true)]
    [TestCase("sret", Privilege.Machine, Mstatus.Tsr, true)]
    [TestCase("sret", Privilege.Supervisor, 0UL, true)]
    [TestCase("sret", Privilege.Supervisor, Mstatus.Tsr, false)]
    [TestCase("sret", Privilege.User, 0UL, false)]
    [TestCase("wfi", Privilege.Machine, Mstatus.Tw, true)]
    [TestCase("wfi", Privilege.Supervisor, 0UL, true)]
    [TestCase("wfi", Privilege.Supervisor, Mstatus.Tw, false)]
    [TestCase("wfi", Privilege.User, 0UL, false)]
    [TestCase("sfence.vma", Privilege.Machine, Mstatus.Tvm, true)]
    [TestCase("sfence.vma", Privilege.Supervisor, 0UL, true)]
    [TestCase("sfence.vma", Privilege.Supervisor, Mstatus.Tvm, false)]
    [TestCase("sfence.vma", Privilege.User, 0UL, false)]
    [TestCase("sinval.vma", Privilege.Supervisor, 0UL, true)]
    [TestCase("sinval.vma", Privilege.Supervisor, Mstatus.Tvm, false)]
    [TestCase("sinval.vma", Privilege.User, 0UL, false)]
    [TestCase("sfence.w.inval", Privilege.Supervisor, Mstatus.Tvm, true)]
    [TestCase("sfence.w.inval", Privilege.User, 0UL, false)]
    [TestCase("sfence.inval.ir", Privilege.Supervisor, Mstatus.Tvm, true)]
    [TestCase("sfence.inval.ir", Privilege.User, 0UL, false)]
    public void IsForModes(string row, Privilege mode, ulong status, bool legal)
    {
        using var hart = new PrivilegedHart();
        hart["mip"] = 2;
        hart["mie"] = 2;
        hart["mstatus"] = status;
        hart.Enter(mode);
        uint word = Encoder.Word(row);

        Assert.That(hart.Execute(word), legal ? Is.Null : Is.EqualTo(new Trap(TrapCause.IllegalInstruction, word)));
        if (!legal)
            Assert.That(hart.Pc, Is.EqualTo(PrivilegedHart.Start));
        else if (!row.EndsWith("ret", StringComparison.Ordinal))
            Assert.That(hart.Pc, Is.EqualTo(PrivilegedHart.Start + 4));
    }

    [TestCase("sret")]
    [TestCase("sfence.vma")]
    public void SupervisorInstructionsNeedSupervisors(string row)
    {
        using var hart = new PrivilegedHart("rv64gc_sv39", supervisor: false);
        Assert.That(hart.Execute(row)?.Cause, Is.EqualTo(TrapCause.IllegalInstruction));
    }

    [Test]
    public void WithoutSupervisorsUserModeMayWait()
    {
        using var hart = new PrivilegedHart("rv64gc", supervisor: false);
        hart.Unit.Interrupts.SetLine(InterruptBit.MachineTimer, true);
        hart["mie"] = 0x80;
        hart.Enter(Privilege.User);
        Assert.That(hart.Execute("wfi"), Is.Null);
    }

    [Test]
    public void ReturningFromMachineModePopsItsStack([Values] bool mpie, [Values] bool mprv, [Values] Privilege to)
    {
        using var hart = new PrivilegedHart();
        ulong before = Mstatus.WithMpp((mpie ? Mstatus.Mpie : Mstatus.Mie) | (mprv ? Mstatus.Mprv : 0), to);
        hart["mstatus"] = before;
        hart["mepc"] = Target;

        Assert.That(hart.Execute("mret"), Is.Null);

        ulong status = hart.Unit.State.Status;
        Assert.That(hart.Pc, Is.EqualTo(Target));
        Assert.That(hart.Mode, Is.EqualTo(to));
        Assert.That((status & Mstatus.Mie) != 0, Is.EqualTo(mpie));
        Assert.That(status & Mstatus.Mpie, Is.Not.Zero);
        Assert.That(Mstatus.MppOf(status), Is.EqualTo(Privilege.User));
        Assert.That((status & Mstatus.Mprv) != 0, Is.EqualTo(mprv && to == Privilege.Machine));
    }

    [Test]
    public void ReturningFromSupervisorModePopsItsStack([Values] bool spie, [Values] bool spp, [Values] bool fromMachine)
    {
        using var hart = new PrivilegedHart();
        hart["sepc"] = Target;
        hart["mstatus"] = (spie ? Mstatus.Spie : Mstatus.Sie) | (spp ? Mstatus.Spp : 0) | Mstatus.Mprv;
        if (!fromMachine)
            hart.Enter(Privilege.Supervisor);

        Assert.That(hart.Execute("sret"), Is.Null);

        ulong status = hart.Unit.State.Status;
        Assert.That(hart.Pc, Is.EqualTo(Target));
        Assert.That(hart.Mode, Is.EqualTo(spp ? Privilege.Supervisor : Privilege.User));
        Assert.That((status & Mstatus.Sie) != 0, Is.EqualTo(spie));
        Assert.That(status & (Mstatus.Spie | Mstatus.Spp | Mstatus.Mprv), Is.EqualTo(Mstatus.Spie));
    }

    [Test]
    public void WithoutMachineCodeTheyAreIllegal([Values("mret", "sret", "wfi", "sfence.vma", "sinval.vma", "sfence.w.inval")] string row)
    {
        using var hart = new PrivilegedHart();
        hart.Hart.Privileged = null;
        uint word = Encoder.Word(row);
        Assert.That(hart.Execute(word), Is.EqualTo(new Trap(TrapCause.IllegalInstruction, word)));
    }

    [TestCase(Privilege.User, TrapCause.EnvironmentCallFromU)]
    [TestCase(Privilege.Supervisor, TrapCause.EnvironmentCallFromS)]
    [TestCase(Privilege.Machine, TrapCause.EnvironmentCallFromM)]
    public void EnvironmentCallsNameTheirMode(Privilege mode, TrapCause cause)
    {
        using var hart = new PrivilegedHart();
        hart.Enter(mode);
        Assert.That(hart.Execute("ecall"), Is.EqualTo(new Trap(cause, 0)));
    }
}
