using NUnit.Framework;
using RvJit.Machine;

namespace RvJit.Tests.Machine;

/// <summary>Interrupts: enabling, delegation, priority, vectors, lines and software bits, wfi.</summary>
public class PrivilegedInterruptTests
{
    private const ulong MachineHandler = 0x8000_4000;
    private const ulong SupervisorHandler = 0x8000_8000;
    private const ulong Interrupt = 1UL << 63;
    private const int SecondsUntilHung = 20;

    private static readonly InterruptBit[] s_all =
    [
        .. Enum.GetValues<InterruptBit>().Where(bit => (InterruptController.UserBits >> (int)bit & 1) == 0),
    ];

    private static PrivilegedHart At(Privilege mode, ulong mideleg, ulong enables, ulong vectorMode = 0)
    {
        var hart = new PrivilegedHart();
        hart["mtvec"] = MachineHandler | vectorMode;
        hart["stvec"] = SupervisorHandler | vectorMode;
        hart["mideleg"] = mideleg;
        hart["mie"] = 0xAAA;
        hart.Enter(mode);
        hart.Unit.State.SetStatus(hart.Unit.State.Status | enables);
        return hart;
    }

    /// <summary>Privileged manual: taken when (a) the mode is lower than the target, or equal with xIE set; (b) pending and enabled.</summary>
    [Test]
    public void IsTakenByTheModeAndItsEnable(
        [Values] Privilege mode, [Values] bool mie, [Values] bool sie, [Values] bool delegated, [ValueSource(nameof(s_all))] InterruptBit bit)
    {
        ulong enables = (mie ? Mstatus.Mie : 0) | (sie ? Mstatus.Sie : 0);
        using PrivilegedHart hart = At(mode, delegated ? 0x222UL : 0, enables, vectorMode: 1);
        bool toSupervisor = delegated && (0x222 >> (int)bit & 1) != 0;
        bool taken = toSupervisor
            ? mode == Privilege.User || (mode == Privilege.Supervisor && sie)
            : mode != Privilege.Machine || mie;

        hart.Unit.Interrupts.SetLine(bit, true);

        Assert.That(hart.Poll(), Is.EqualTo(taken), "a request exactly when it can be taken");
        if (!taken)
            return;
        Assert.That(hart.Mode, Is.EqualTo(toSupervisor ? Privilege.Supervisor : Privilege.Machine));
        Assert.That(hart.Pc, Is.EqualTo((toSupervisor ? SupervisorHandler : MachineHandler) + (4 * (ulong)bit)), "vectored");
        string x = toSupervisor ? "s" : "m";
        Assert.That((hart[x + "epc"], hart[x + "cause"], hart[x + "tval"]), Is.EqualTo((PrivilegedHart.Start, Interrupt | (ulong)bit, 0UL)));
        Assert.That(hart.Poll(), Is.False, "its own mode is closed now");
    }

    [Test]
    public void DirectModeHasOneHandler()
    {
        using PrivilegedHart hart = At(Privilege.User, 0, 0);
        hart.Unit.Interrupts.SetLine(InterruptBit.MachineTimer, true);
        Assert.That(hart.Poll());
        Assert.That(hart.Pc, Is.EqualTo(MachineHandler));
    }

    /// <summary>MEI, MSI, MTI, SEI, SSI, STI; what goes to M-mode comes first.</summary>
    [TestCase(0UL, "11 3 7 9 1 5")]
    [TestCase(0x222UL, "11 3 7 9 1 5")]
    [TestCase(0x200UL, "11 3 7 1 5 9")]
    public void AreTakenInOrder(ulong mideleg, string order)
    {
        using PrivilegedHart hart = At(Privilege.User, mideleg, 0);
        foreach (InterruptBit bit in s_all)
            hart.Unit.Interrupts.SetLine(bit, true);

        var taken = new List<ulong>();
        while (hart.Poll())
        {
            ulong cause = hart.Mode == Privilege.Machine ? hart["mcause"] : hart["scause"];
            taken.Add(cause & ~Interrupt);
            hart.Unit.Interrupts.SetLine((InterruptBit)(cause & 63), false);
            hart.Unit.Interrupts.WritePending(1UL << (int)(cause & 63), 0);
            hart.Enter(Privilege.User);
        }

        Assert.That(string.Join(' ', taken), Is.EqualTo(order));
    }

    [Test]
    public void EnablingRequestsWhatWasPendingBefore([Values("mie", "mstatus", "mideleg", "mret")] string by)
    {
        using var hart = new PrivilegedHart();
        hart["mie"] = by == "mie" ? 0UL : 0x20;
        hart["mideleg"] = 0x20;
        hart["mip"] = 0x20;
        if (by == "mstatus")
            hart["mideleg"] = 0;
        else if (by == "mideleg")
            hart["mstatus"] = Mstatus.Mie;
        else if (by == "mie")
            hart.Unit.State.Enter(Privilege.User, hart.Unit.State.Status);
        Assert.That(hart.Hart.Requests, Is.EqualTo(HartRequests.None));

        switch (by)
        {
            case "mie":
                hart.Unit.State.Enter(Privilege.Machine, Mstatus.Mie);
                hart["mideleg"] = 0;
                hart["mie"] = 0x20;
                break;
            case "mstatus":
                hart["mstatus"] = Mstatus.Mie;
                break;
            case "mideleg":
                hart["mideleg"] = 0;
                break;
            default:
                hart.Enter(Privilege.User);
                break;
        }

        Assert.That(hart.Hart.Requests, Is.EqualTo(HartRequests.Interrupt));
    }

    [Test]
    public void ReturningFromAHandlerRequestsTheNext()
    {
        using PrivilegedHart hart = At(Privilege.User, 0x222, 0);
        hart.Unit.Interrupts.SetLine(InterruptBit.SupervisorExternal, true);
        hart.Unit.Interrupts.SetLine(InterruptBit.SupervisorTimer, true);
        Assert.That(hart.Poll());
        Assert.That(hart["scause"], Is.EqualTo(Interrupt | 9));
        hart.Unit.Interrupts.SetLine(InterruptBit.SupervisorExternal, false);
        Assert.That(hart.Poll(), Is.False);

        Assert.That(hart.Execute("sret"), Is.Null);
        Assert.That(hart.Poll());
        Assert.That(hart["scause"], Is.EqualTo(Interrupt | 5));
    }

    [Test]
    public void MipShowsLinesAndSoftwareBitsAndOnlyTheLatterCanBeWritten()
    {
        using var hart = new PrivilegedHart();
        hart["mip"] = ulong.MaxValue;
        Assert.That(hart["mip"], Is.EqualTo(0x222));
        foreach (InterruptBit bit in s_all)
            hart.Unit.Interrupts.SetLine(bit, true);
        hart["mip"] = 0;
        Assert.That(hart["mip"], Is.EqualTo(0xAA8), "SSIP is software's alone");
        foreach (InterruptBit bit in s_all)
            hart.Unit.Interrupts.SetLine(bit, false);
        Assert.That(hart["mip"], Is.Zero);
    }

    /// <summary>Manual: csrrs and csrrc see the or of both SEIP bits, but work on the software one.</summary>
    [Test]
    public void ModifyingMipDoesNotLatchTheExternalLine()
    {
        using var hart = new PrivilegedHart();
        hart.Unit.Interrupts.SetLine(InterruptBit.SupervisorExternal, true);
        Assert.That(hart.Execute("csrrsi", rd: 5, csr: "mip", uimm: 2), Is.Null);
        unsafe
        {
            Assert.That(hart.Hart.State->X[5], Is.EqualTo(0x200));
        }

        hart.Unit.Interrupts.SetLine(InterruptBit.SupervisorExternal, false);
        Assert.That(hart["mip"], Is.EqualTo(2));
    }

    [Test]
    public void SupervisorsSeeAndEnableWhatIsDelegated()
    {
        using var hart = new PrivilegedHart();
        hart["mideleg"] = 0x202;
        hart["mie"] = 0x888;
        hart["mip"] = 0x222;
        Assert.That(hart["sip"], Is.EqualTo(0x202));
        hart["sie"] = ulong.MaxValue;
        Assert.That((hart["sie"], hart["mie"]), Is.EqualTo((0x202UL, 0xA8AUL)));
        hart["sip"] = 0;
        Assert.That(hart["mip"], Is.EqualTo(0x220), "only SSIP is theirs to clear");
        hart["mideleg"] = 0;
        Assert.That((hart["sip"], hart["sie"]), Is.EqualTo((0UL, 0UL)));
    }

    [Test]
    public void StimecmpRaisesTheTimerInterruptWhileItsTimeHasCome()
    {
        using var hart = new PrivilegedHart();
        hart["mie"] = 0x20;
        hart["mideleg"] = 0x20;
        hart["menvcfg"] = Envcfg.Stce;
        hart["stimecmp"] = 100;
        hart["mip"] = 0x20;
        Assert.That(hart["mip"], Is.Zero, "STIP is read-only now");
        hart.Enter(Privilege.User);
        hart.Clock.Advance(99);
        Assert.That(hart.Poll(), Is.False);

        hart.Clock.Advance(100);
        Assert.That(hart.Poll());
        Assert.That((hart.Mode, hart["scause"], hart["sip"]), Is.EqualTo((Privilege.Supervisor, Interrupt | 5, 0x20UL)));
        hart.Unit.Interrupts.TimeCompare = 200;
        Assert.That(hart["sip"], Is.Zero);
    }

    [TestCase(0UL, 0UL, false)]
    [TestCase(Envcfg.Stce, 0UL, false)]
    [TestCase(0UL, 2UL, false)]
    [TestCase(Envcfg.Stce, 2UL, true)]
    public void StimecmpIsTheSupervisorsWhenMachineModeSaysSo(ulong menvcfg, ulong mcounteren, bool legal)
    {
        using var hart = new PrivilegedHart();
        hart["menvcfg"] = menvcfg;
        hart["mcounteren"] = mcounteren;
        Assert.That(hart.CanRead("stimecmp"));
        hart.Enter(Privilege.Supervisor);
        Assert.That(hart.CanRead("stimecmp"), Is.EqualTo(legal));
        Assert.That(hart.CanWrite("stimecmp"), Is.EqualTo(legal));
    }

    [Test]
    public void WaitingGoesOnWhenAnEnabledInterruptIsPendingEvenWithInterruptsOff([Values(0, 1)] int before)
    {
        using var hart = new PrivilegedHart();
        hart["mie"] = 0x80;
        hart.Unit.Interrupts.SetLine(InterruptBit.MachineExternal, true);
        if (before == 1)
            hart.Unit.Interrupts.SetLine(InterruptBit.MachineTimer, true);
        Task<Trap?> waiting = Task.Run(() => hart.Execute("wfi"));
        if (before == 0)
        {
            Assert.That(waiting.Wait(50), Is.False, "the external interrupt is not enabled");
            hart.Unit.Interrupts.SetLine(InterruptBit.MachineTimer, true);
        }

        Assert.That(waiting.Wait(TimeSpan.FromSeconds(SecondsUntilHung)));
        Assert.That(waiting.Result, Is.Null);
        Assert.That(hart.Pc, Is.EqualTo(PrivilegedHart.Start + 4));
        hart.Poll();
        Assert.That(hart.Pc, Is.EqualTo(PrivilegedHart.Start + 4), "nothing to take: MIE is off");
    }

    [Test]
    public void WaitingEndsWhenSomebodyStopsTheHart()
    {
        using var hart = new PrivilegedHart();
        Task<Trap?> waiting = Task.Run(() => hart.Execute("wfi"));
        Assert.That(waiting.Wait(50), Is.False);
        hart.Hart.Request(HartRequests.Stop);
        Assert.That(waiting.Wait(TimeSpan.FromSeconds(SecondsUntilHung)));
    }

    [Test]
    public void NoWakeUpIsLost()
    {
        using var hart = new PrivilegedHart();
        hart["mie"] = 0x80;
        const int Rounds = 2000;
        Task waits = Task.Run(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                hart.Execute("wfi");
                hart.Poll();
                hart.Unit.Interrupts.SetLine(InterruptBit.MachineTimer, false);
            }
        });
        while (!waits.IsCompleted)
        {
            hart.Unit.Interrupts.SetLine(InterruptBit.MachineTimer, true);
            Thread.SpinWait(20);
            if (!waits.Wait(0))
                Thread.Yield();
        }

        Assert.That(waits.IsCompletedSuccessfully);
    }
}
