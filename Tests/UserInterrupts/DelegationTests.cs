using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.UserInterrupts;

/// <summary>Extension N 1.1 on machine harts: who takes what, in both tiers, against the table of the chapter.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed class DelegationTests(Tier tier) : IDisposable
{
    private const ulong Interrupt = 1UL << 63;
    private const ulong AllEnables = Mstatus.Uie | Mstatus.Sie | Mstatus.Mie;
    private const uint Nop = 0x13;

    /// <summary>Where a run of two nops ends when nothing is taken.</summary>
    private const ulong End = UserInterruptMachine.Code + 8;

    private static readonly int[] s_bits = [0, 4, 8];

    private readonly UserInterruptMachine _m = new(tier);

    public void Dispose() => _m.Dispose();

    /// <summary>
    /// The delegation matrix: mideleg, sideleg, the mode, the enables in mstatus, and the level that takes a pending and
    /// enabled user interrupt, or none.
    /// </summary>
    [TestCase(0, 0, 'U', 0UL, 'M')]
    [TestCase(0, 0, 'S', 0UL, 'M')]
    [TestCase(0, 0, 'M', Mstatus.Mie, 'M')]
    [TestCase(0, 0, 'M', Mstatus.Sie | Mstatus.Uie, '-')]
    [TestCase(0, 1, 'U', Mstatus.Uie, 'M')]
    [TestCase(1, 0, 'U', 0UL, 'S')]
    [TestCase(1, 0, 'S', Mstatus.Sie, 'S')]
    [TestCase(1, 0, 'S', Mstatus.Mie | Mstatus.Uie, '-')]
    [TestCase(1, 0, 'M', AllEnables, '-')]
    [TestCase(1, 1, 'U', Mstatus.Uie, 'U')]
    [TestCase(1, 1, 'U', Mstatus.Sie | Mstatus.Mie, '-')]
    [TestCase(1, 1, 'S', AllEnables, '-')]
    [TestCase(1, 1, 'M', AllEnables, '-')]
    public void IsTakenByTheLevelItIsDelegatedTo(int mideleg, int sideleg, char mode, ulong enables, char taker)
    {
        foreach (int bit in s_bits)
        {
            _m["mideleg"] = (ulong)mideleg << bit;
            _m["sideleg"] = (ulong)sideleg << bit;
            _m["mie"] = 1UL << bit;
            _m["mip"] = 1UL << bit;
            _m["mstatus"] = enables;
            _m.Assemble(UserInterruptMachine.Code, Nop, Nop);

            Assert.That(_m.Run(LevelOf(mode)), Is.EqualTo(HandlerOf(taker)), $"bit {bit}");

            if (taker == '-')
                continue;
            string x = char.ToLowerInvariant(taker).ToString();
            Assert.That((_m[x + "cause"], _m[x + "epc"], _m[x + "tval"]), Is.EqualTo((Interrupt | (uint)bit, UserInterruptMachine.Code, 0UL)));
            Assert.That(_m.Mode, Is.EqualTo(LevelOf(taker)));
        }
    }

    [TestCase("uie", 0UL)]
    [TestCase("mie", 0UL)]
    [TestCase("uip", 0UL)]
    public void IsNotTakenUnlessPendingAndEnabled(string csr, ulong value)
    {
        DelegateAll();
        _m["mie"] = 1;
        _m["mip"] = 1;
        _m[csr] = value;
        _m["mstatus"] = Mstatus.Uie;
        _m.Assemble(UserInterruptMachine.Code, Nop, Nop);

        Assert.That(_m.Run(Privilege.User), Is.EqualTo(End));
    }

    /// <summary>Levels first, M before S before U; in each, external before software before timer.</summary>
    [TestCase(0UL, 0UL, "11 3 7 9 1 5 8 0 4")]
    [TestCase(0x222UL, 0UL, "11 3 7 8 0 4 9 1 5")]
    [TestCase(0x333UL, 0UL, "11 3 7 9 1 5 8 0 4")]
    [TestCase(0x333UL, 0x111UL, "11 3 7 9 1 5 8 0 4")]
    [TestCase(0x111UL, 0x111UL, "11 3 7 9 1 5 8 0 4")]
    [TestCase(0x333UL, 0x101UL, "11 3 7 9 1 5 4 8 0")]
    [TestCase(0x111UL, 0x010UL, "11 3 7 9 1 5 8 0 4")]
    public void AreTakenInOrder(ulong mideleg, ulong sideleg, string order)
    {
        _m["mideleg"] = mideleg;
        _m["sideleg"] = sideleg;
        _m["mie"] = 0xBBB;
        foreach (InterruptBit bit in Enum.GetValues<InterruptBit>())
            _m.Unit.Interrupts.SetLine(bit, true);
        _m.Assemble(UserInterruptMachine.Code, Nop, Nop);

        var taken = new List<ulong>();
        while (true)
        {
            _m["mstatus"] = AllEnables;
            ulong at = _m.Run(Privilege.User);
            if (at == End)
                break;
            string x = at == UserInterruptMachine.UserHandler ? "u" : at == UserInterruptMachine.SupervisorHandler ? "s" : "m";
            int cause = (int)(_m[x + "cause"] & ~Interrupt);
            taken.Add((ulong)cause);
            _m.Unit.Interrupts.SetLine((InterruptBit)cause, false);
            _m.Unit.Interrupts.WritePending(1UL << cause, 0);
        }

        Assert.That(string.Join(' ', taken), Is.EqualTo(order));
    }

    /// <summary>Vectored mode: interrupts go to base + 4 x cause, and so a user software interrupt where exceptions go.</summary>
    [Test]
    public void VectoredModeSendsSoftwareInterruptsWhereExceptionsGo()
    {
        DelegateAll();
        _m["mie"] = 0x111;
        _m["utvec"] = UserInterruptMachine.UserHandler | 1;
        _m.Assemble(UserInterruptMachine.Code, Nop, Nop);
        foreach (int bit in s_bits)
        {
            _m["mstatus"] = Mstatus.Uie;
            _m["mip"] = 1UL << bit;
            Assert.That(_m.Run(Privilege.User), Is.EqualTo(UserInterruptMachine.UserHandler + (4 * (ulong)bit)));
            _m["mip"] = 0;
        }

        _m["medeleg"] = 1UL << (int)TrapCause.IllegalInstruction;
        _m["sedeleg"] = 1UL << (int)TrapCause.IllegalInstruction;
        _m.Assemble(UserInterruptMachine.Code, Encoder.Word("mret"));
        Assert.That(_m.Run(Privilege.User), Is.EqualTo(UserInterruptMachine.UserHandler), "told apart only by the sign of ucause");
        Assert.That(_m["ucause"], Is.EqualTo((ulong)TrapCause.IllegalInstruction));
    }

    [TestCase(false, false, 'M')]
    [TestCase(true, false, 'S')]
    [TestCase(true, true, 'U')]
    public void ExceptionsGoWhereTheyAreDelegated(bool medeleg, bool sedeleg, char taker)
    {
        const ulong Illegal = 1UL << (int)TrapCause.IllegalInstruction;
        _m["medeleg"] = medeleg ? Illegal : 0;
        _m["sedeleg"] = sedeleg ? Illegal : 0;
        _m["ustatus"] = Mstatus.Uie;
        const uint Word = 0xFFFF_FFFF;
        _m.Assemble(UserInterruptMachine.Code, Nop, Word);

        Assert.That(_m.Run(Privilege.User), Is.EqualTo(HandlerOf(taker)));

        string x = char.ToLowerInvariant(taker).ToString();
        Assert.That((_m[x + "cause"], _m[x + "epc"], _m[x + "tval"]),
            Is.EqualTo(((ulong)TrapCause.IllegalInstruction, UserInterruptMachine.Code + 4, (ulong)Word)));
        Assert.That(_m["ustatus"], Is.EqualTo(taker == 'U' ? Mstatus.Upie : Mstatus.Uie));

        Assert.That(_m.Run(Privilege.Machine), Is.EqualTo(UserInterruptMachine.MachineHandler), "not to a lower level than it comes from");
    }

    /// <summary>uret restores UIE from UPIE, sets UPIE, and what was pending is taken before the instruction it returns to.</summary>
    [Test]
    public void ReturnsFromTheHandlerToTheInterruptedInstruction()
    {
        DelegateAll();
        _m["mie"] = 0x11;
        _m["mip"] = 0x11;
        _m["mstatus"] = Mstatus.Uie;
        _m.Assemble(UserInterruptMachine.Code, Encoder.Word("addi", rd: 10, rs1: 10, imm: 1), Encoder.Word("addi", rd: 11, rs1: 11, imm: 1));
        _m.Assemble(UserInterruptMachine.UserHandler,
            Encoder.Word("addi", rd: 12, rs1: 12, imm: 1),
            Encoder.Word("csrrs", rd: 13, csr: Csr.Ustatus),
            Encoder.Word("csrrs", rd: 14, csr: Csr.Ucause),
            Encoder.Word("csrrci", csr: Csr.Uip, uimm: 1),
            Encoder.Word("csrrci", csr: Csr.Uie, uimm: 16),
            Encoder.Word("uret"));

        Assert.That(_m.Run(Privilege.User), Is.EqualTo(End));

        Assert.That((_m.X[10], _m.X[11]), Is.EqualTo((1UL, 1UL)), "each instruction once");
        Assert.That((_m.X[12], _m.X[13], _m.X[14]), Is.EqualTo((1UL, Mstatus.Upie, Interrupt)));
        Assert.That(_m["ustatus"], Is.EqualTo(Mstatus.Uie | Mstatus.Upie));
        Assert.That(_m["mip"], Is.EqualTo(0x10), "UTIP is not the program's to clear");
    }

    [TestCase(Privilege.User)]
    [TestCase(Privilege.Supervisor)]
    [TestCase(Privilege.Machine)]
    public void UretGoesToUserModeFromAnyMode(Privilege mode)
    {
        _m["uepc"] = UserInterruptMachine.Code + 0x100;
        _m["ustatus"] = Mstatus.Upie;
        _m.Assemble(UserInterruptMachine.Code, Encoder.Word("uret"));

        Assert.That(_m.Run(mode), Is.EqualTo(UserInterruptMachine.Code + 0x100));
        Assert.That(_m.Mode, Is.EqualTo(Privilege.User));
        Assert.That(_m["ustatus"], Is.EqualTo(Mstatus.Uie | Mstatus.Upie));
    }

    [Test]
    public void APendingInterruptIsTakenAtTheFirstInstructionOfUserMode()
    {
        DelegateAll();
        _m["mie"] = 1;
        _m["mip"] = 1;
        _m["mstatus"] = Mstatus.Uie;
        _m["sepc"] = UserInterruptMachine.Code + 0x200;
        _m.Assemble(UserInterruptMachine.Code, Nop, Encoder.Word("sret"));

        Assert.That(_m.Run(Privilege.Supervisor), Is.EqualTo(UserInterruptMachine.UserHandler));
        Assert.That(_m["uepc"], Is.EqualTo(UserInterruptMachine.Code + 0x200));
    }

    /// <summary>A bit of xip and xie reads 0 and ignores writes where it is not delegated.</summary>
    [Test]
    public void BitsAreSeenWhereTheyAreDelegated()
    {
        _m["mie"] = 0x111;
        _m["mip"] = 0x111;
        Assert.That((_m["sie"], _m["sip"], _m["uie"], _m["uip"]), Is.EqualTo((0UL, 0UL, 0UL, 0UL)));

        _m["mideleg"] = 0x111;
        Assert.That((_m["sie"], _m["sip"], _m["uie"], _m["uip"]), Is.EqualTo((0x111UL, 0x111UL, 0UL, 0UL)));

        _m["sideleg"] = 0x101;
        Assert.That((_m["sie"], _m["sip"], _m["uie"], _m["uip"]), Is.EqualTo((0x111UL, 0x111UL, 0x101UL, 0x101UL)));

        _m["uie"] = 0;
        _m["uip"] = 0;
        Assert.That((_m["mie"], _m["mip"]), Is.EqualTo((0x010UL, 0x110UL)), "UEIP is read-only to user code");

        _m["sip"] = 0;
        Assert.That(_m["mip"], Is.EqualTo(0x010UL), "UTIP is read-only to supervisors");

        _m["mideleg"] = 0x010;
        Assert.That(_m["sideleg"], Is.Zero);
    }

    [Test]
    public void OnlyWhatIsDelegatedCanBeDelegatedFurther()
    {
        _m["medeleg"] = 0xB109;
        _m["sedeleg"] = ulong.MaxValue;
        Assert.That(_m["sedeleg"], Is.EqualTo(_m["medeleg"] & ~0xE00UL), "not the environment calls of higher modes");
        _m["medeleg"] = 0;
        Assert.That(_m["sedeleg"], Is.Zero);

        _m["mideleg"] = 0x11;
        _m["sideleg"] = ulong.MaxValue;
        Assert.That(_m["sideleg"], Is.EqualTo(0x11));
    }

    [Test]
    public void UserStatusIsPartOfTheHigherOnes()
    {
        _m["ustatus"] = ulong.MaxValue;
        Assert.That((_m["ustatus"], _m["sstatus"] & 0x11, _m["mstatus"] & 0x11), Is.EqualTo((0x11UL, 0x11UL, 0x11UL)));
        _m["sstatus"] = 0;
        Assert.That((_m["ustatus"], _m["mstatus"] & 0x11), Is.EqualTo((0UL, 0UL)));
    }

    [Test]
    public void WithoutTheExtensionThereIsNothing()
    {
        using var plain = new UserInterruptMachine(tier, ExtensionSet.Ratified.ToString());
        string[] registers = ["ustatus", "uie", "utvec", "uscratch", "uepc", "ucause", "utval", "uip", "sedeleg", "sideleg"];
        Assert.That(registers.Where(_m.CanRead), Is.EqualTo(registers));
        Assert.That(registers.Where(plain.CanRead), Is.Empty);
        Assert.That((_m["misa"] >> 13 & 1, plain["misa"] >> 13 & 1), Is.EqualTo((1UL, 0UL)));
        Assert.That((_m["misa"] >> 23 & 1, plain["misa"] >> 23 & 1), Is.EqualTo((1UL, 0UL)));

        plain["mideleg"] = plain["mie"] = plain["mip"] = ulong.MaxValue;
        Assert.That((plain["mideleg"] | plain["mie"] | plain["mip"]) & 0x111, Is.Zero);
        plain.Assemble(UserInterruptMachine.Code, Encoder.Word("uret"));
        Assert.That(plain.Run(Privilege.Machine), Is.EqualTo(UserInterruptMachine.MachineHandler));
        Assert.That(plain["mcause"], Is.EqualTo((ulong)TrapCause.IllegalInstruction));
    }

    /// <summary>With M- and U-mode alone, mideleg and medeleg lead to U-mode, and there is no sideleg.</summary>
    [Test]
    public void WithoutSupervisorsMachineModeDelegatesToUserMode()
    {
        using var m = new UserInterruptMachine(tier, supervisor: false);
        m["mideleg"] = ulong.MaxValue;
        Assert.That(m["mideleg"], Is.EqualTo(0x111));
        Assert.That(m.CanRead("sideleg"), Is.False);
        m["medeleg"] = 1UL << (int)TrapCause.IllegalInstruction;
        m["mie"] = m["mip"] = 1;
        m["mstatus"] = Mstatus.Uie;
        m.Assemble(UserInterruptMachine.Code, Encoder.Word("mret"));

        Assert.That(m.Run(Privilege.User), Is.EqualTo(UserInterruptMachine.UserHandler));
        Assert.That(m["ucause"], Is.EqualTo(Interrupt));
        m["mip"] = 0;
        Assert.That(m.Run(Privilege.User), Is.EqualTo(UserInterruptMachine.UserHandler));
        Assert.That(m["ucause"], Is.EqualTo((ulong)TrapCause.IllegalInstruction));
    }

    private static Privilege LevelOf(char level) => level switch { 'M' => Privilege.Machine, 'S' => Privilege.Supervisor, _ => Privilege.User };

    private static ulong HandlerOf(char level) => level switch
    {
        'M' => UserInterruptMachine.MachineHandler,
        'S' => UserInterruptMachine.SupervisorHandler,
        'U' => UserInterruptMachine.UserHandler,
        _ => End,
    };

    private void DelegateAll()
    {
        _m["mideleg"] = 0x111;
        _m["sideleg"] = 0x111;
    }
}
