using NUnit.Framework;
using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Machine;

/// <summary>Which CSRs a machine hart has, who may reach them, and what can be written (privileged manual, 1.13).</summary>
public class PrivilegedCsrTests
{
    private const int Numbers = 4096;

    /// <summary>What a hart with everything must have, by the lowest privilege of each register.</summary>
    private static readonly string[] s_user = [.. Names("fflags frm fcsr cycle time instret hpmcounter3..31")];

    private static readonly string[] s_supervisor =
        [.. Names("sstatus sie stvec scounteren senvcfg sscratch sepc scause stval sip stimecmp satp")];

    private static readonly string[] s_machine =
    [
        .. Names("mvendorid marchid mimpid mhartid mconfigptr mstatus misa medeleg mideleg mie mtvec mcounteren menvcfg"),
        .. Names("mcountinhibit mhpmevent3..31 mscratch mepc mcause mtval mip mseccfg pmpaddr0..63"),
        .. Names("pmpcfg0 pmpcfg2 pmpcfg4 pmpcfg6 pmpcfg8 pmpcfg10 pmpcfg12 pmpcfg14"),
        .. Names("tselect tdata1 tdata2 tdata3 tinfo tcontrol mcycle minstret mhpmcounter3..31"),
    ];

    private static IEnumerable<string> Names(string words) => words.Split(' ').SelectMany(word =>
    {
        int dots = word.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0)
            return [word];
        string stem = word[..dots].TrimEnd("0123456789".ToCharArray());
        int first = int.Parse(word.AsSpan(stem.Length, dots - stem.Length));
        return Enumerable.Range(first, int.Parse(word.AsSpan(dots + 2)) - first + 1).Select(n => $"{stem}{n}");
    });

    private static string[] Readable(PrivilegedHart hart) =>
        [.. Enumerable.Range(0, Numbers).Where(hart.CanRead).Select(CsrNames.Of)];

    private static PrivilegedHart Everything()
    {
        var hart = new PrivilegedHart(pmpEntries: 64);
        hart["mcounteren"] = ulong.MaxValue;
        hart["scounteren"] = ulong.MaxValue;
        hart["menvcfg"] = ulong.MaxValue;
        hart["mstatus"] = Mstatus.Fs;
        return hart;
    }

    [Test]
    public void MachineModeSeesEverythingThatExists()
    {
        using PrivilegedHart hart = Everything();

        Assert.That(Readable(hart), Is.EquivalentTo((string[])[.. s_user, .. s_supervisor, .. s_machine]));
    }

    [Test]
    public void LowerModesSeeTheirOwnAndWhatIsBelow()
    {
        using PrivilegedHart hart = Everything();
        hart.Enter(Privilege.Supervisor);
        Assert.That(Readable(hart), Is.EquivalentTo((string[])[.. s_user, .. s_supervisor]));

        hart.Enter(Privilege.User);
        Assert.That(Readable(hart), Is.EquivalentTo(s_user));
    }

    [Test]
    public void ReadOnlyRegistersCannotBeWrittenInAnyMode()
    {
        using PrivilegedHart hart = Everything();
        string[] readOnly = [.. s_user.Concat(s_supervisor).Concat(s_machine).Where(name => !hart.CanWrite(name))];

        Assert.That(readOnly, Is.EquivalentTo(Names("cycle time instret hpmcounter3..31 mvendorid marchid mimpid mhartid mconfigptr")));
    }

    [TestCase("rv64ima_zicsr", false, false, "sstatus satp medeleg mideleg mcounteren menvcfg fcsr cycle time hpmcounter3 mseccfg stimecmp senvcfg")]
    [TestCase("rv64ima_zicsr", true, false, "sstatus satp medeleg mideleg fcsr cycle time hpmcounter3 mseccfg stimecmp senvcfg")]
    [TestCase("rv64imafd_zicntr", true, true, "hpmcounter3 mseccfg stimecmp")]
    public void WhatWasNotChosenIsNotThere(string isa, bool user, bool supervisor, string absent)
    {
        using var hart = new PrivilegedHart(isa, user, supervisor);
        hart["mstatus"] = Mstatus.Fs;

        Assert.That(absent.Split(' ').Where(hart.CanRead), Is.Empty);
    }

    [TestCase(0, false)]
    [TestCase(16, true)]
    [TestCase(64, true)]
    public void PmpRegistersExistWhenThereAreEntries(int entries, bool exist)
    {
        using var hart = new PrivilegedHart(pmpEntries: entries);

        Assert.That(hart.CanRead("pmpcfg0"), Is.EqualTo(exist));
        Assert.That(hart.CanRead("pmpcfg1"), Is.False, "odd ones are RV32's");
        Assert.That(hart.CanRead("pmpaddr63"), Is.EqualTo(exist));
        Assert.That(hart.CanRead("mseccfg"), Is.EqualTo(exist));
        if (!exist)
            return;
        hart["pmpaddr63"] = 7;
        hart["pmpaddr15"] = ulong.MaxValue;
        Assert.That(hart["pmpaddr63"], Is.EqualTo(entries == 64 ? 7 : 0));
        Assert.That(hart["pmpaddr15"], Is.EqualTo((1UL << 54) - 1), "56-bit physical addresses");
    }

    // Everything is written as ones, then as zeros.
    [TestCase("mtvec", 0xFFFF_FFFF_FFFF_FFFDUL, 0UL, TestName = "mtvec has modes 0 and 1")]
    [TestCase("stvec", 0xFFFF_FFFF_FFFF_FFFDUL, 0UL, TestName = "stvec has modes 0 and 1")]
    [TestCase("mepc", 0xFFFF_FFFF_FFFF_FFFEUL, 0UL, TestName = "mepc is even")]
    [TestCase("sepc", 0xFFFF_FFFF_FFFF_FFFEUL, 0UL, TestName = "sepc is even")]
    [TestCase("mscratch", ulong.MaxValue, 0UL, TestName = "mscratch holds all")]
    [TestCase("sscratch", ulong.MaxValue, 0UL, TestName = "sscratch holds all")]
    [TestCase("mtval", ulong.MaxValue, 0UL, TestName = "mtval holds all")]
    [TestCase("stval", ulong.MaxValue, 0UL, TestName = "stval holds all")]
    [TestCase("mcause", ulong.MaxValue, 0UL, TestName = "mcause holds all")]
    [TestCase("medeleg", 0xB3FEUL, 0UL, TestName = "medeleg: no ecall from M, nothing misaligned to fetch with C")]
    [TestCase("mideleg", 0x222UL, 0UL, TestName = "mideleg: supervisor interrupts")]
    [TestCase("mie", 0xAAAUL, 0UL, TestName = "mie: all six interrupts")]
    [TestCase("mcounteren", 0xFFFF_FFFFUL, 0UL, TestName = "mcounteren has 32 bits")]
    [TestCase("scounteren", 0xFFFF_FFFFUL, 0UL, TestName = "scounteren has 32 bits")]
    [TestCase("mcountinhibit", 0xFFFF_FFFDUL, 0UL, TestName = "mcountinhibit: not time")]
    [TestCase("menvcfg", 0xE000_0000_0000_00F1UL, 0UL, TestName = "menvcfg: STCE PBMTE ADUE CBZE CBCFE CBIE FIOM")]
    [TestCase("senvcfg", 0xF1UL, 0UL, TestName = "senvcfg: CBZE CBCFE CBIE FIOM")]
    [TestCase("mhpmevent3", 0UL, 0UL, TestName = "mhpmevent: none")]
    [TestCase("mhpmcounter31", 0UL, 0UL, TestName = "mhpmcounter: none")]
    [TestCase("tselect", 0UL, 0UL, TestName = "tselect: no trigger")]
    [TestCase("tdata1", 0UL, 0UL, TestName = "tdata1: type 0")]
    [TestCase("mstatus", 0x8000_000A_007E_79AAUL, 0x0000_000A_0000_0000UL, TestName = "mstatus: SD SXL UXL TSR TW TVM MXR SUM MPRV FS MPP SPP and the enables")]
    [TestCase("sstatus", 0x8000_0002_000C_6122UL, 0x0000_0002_0000_0000UL, TestName = "sstatus: SD UXL MXR SUM FS SPP SPIE SIE")]
    [TestCase("stimecmp", ulong.MaxValue, 0UL, TestName = "stimecmp holds all")]
    [TestCase("mcycle", ulong.MaxValue, 0UL, TestName = "mcycle holds all")]
    public void HoldsWhatIsLegal(string csr, ulong ones, ulong zeros)
    {
        using var hart = new PrivilegedHart();
        hart[csr] = ulong.MaxValue;
        Assert.That(hart[csr], Is.EqualTo(ones));

        hart[csr] = 0;
        Assert.That(hart[csr], Is.EqualTo(zeros));
    }

    [Test]
    public void CbieTwoIsReserved()
    {
        using var hart = new PrivilegedHart();
        hart["menvcfg"] = 2 << 4;
        Assert.That(hart["menvcfg"], Is.Zero);
        hart["menvcfg"] = 3 << 4;
        Assert.That(hart["menvcfg"], Is.EqualTo(3 << 4));
    }

    [TestCase(0UL, 0UL)]
    [TestCase(1UL, 1UL)]
    [TestCase(2UL, 0UL)]
    [TestCase(3UL, 3UL)]
    public void MppHoldsModesThatExist(ulong written, ulong read)
    {
        using var hart = new PrivilegedHart();
        hart["mstatus"] = written << 11;

        Assert.That((hart["mstatus"] >> 11) & 3, Is.EqualTo(read));
    }

    [Test]
    public void WithoutLowerModesMppIsMachineAndNothingPointsBelow()
    {
        using var hart = new PrivilegedHart("rv64imac_zicsr", user: false);
        hart["mstatus"] = 0;
        Assert.That(hart["mstatus"], Is.EqualTo(3UL << 11));
        hart["mstatus"] = ulong.MaxValue;
        Assert.That(hart["mstatus"], Is.EqualTo(0x1888), "MPP, MPIE, MIE");
        Assert.That(hart["misa"], Is.EqualTo((2UL << 62) | 0x1105), "64 bits; I, M, A, C");
        hart["mie"] = ulong.MaxValue;
        Assert.That(hart["mie"], Is.EqualTo(0x888));
    }

    [Test]
    public void MisaShowsTheExtensionsAndCannotBeWritten()
    {
        using var hart = new PrivilegedHart("rv64gcb");
        const ulong Expected = (2UL << 62) | (1 << 0) | (1 << 1) | (1 << 2) | (1 << 3) | (1 << 5) | (1 << 8) | (1 << 12) | (1 << 18) | (1 << 20);
        Assert.That(hart["misa"], Is.EqualTo(Expected));
        hart["misa"] = 0;
        Assert.That(hart["misa"], Is.EqualTo(Expected));
    }

    [Test]
    public void MhartidIsTheHart()
    {
        using var hart = new PrivilegedHart(id: 3);
        Assert.That(hart["mhartid"], Is.EqualTo(3));
    }

    [TestCase("rv64g_sv39", 8UL, true)]
    [TestCase("rv64g_sv39", 9UL, false)]
    [TestCase("rv64g_sv48", 9UL, true)]
    [TestCase("rv64g_sv48", 10UL, false)]
    [TestCase("rv64g_sv57", 10UL, true)]
    [TestCase("rv64g_sv57", 11UL, false)]
    [TestCase("rv64g_sv57", 1UL, false)]
    [TestCase("rv64g", 8UL, false)]
    public void SatpTakesSupportedModesOrNothing(string isa, ulong mode, bool supported)
    {
        using var hart = new PrivilegedHart(isa);
        ulong value = (mode << 60) | (0xFFFFUL << 44) | 0x12345;
        hart["satp"] = value;

        Assert.That(hart["satp"], Is.EqualTo(supported ? value : 0));
    }

    [Test]
    public void TvmKeepsSupervisorsFromSatp()
    {
        using var hart = new PrivilegedHart();
        hart.Enter(Privilege.Supervisor);
        Assert.That(hart.CanRead("satp") && hart.CanWrite("satp"));

        hart.Unit.State.SetStatus(hart.Unit.State.Status | Mstatus.Tvm);
        Assert.That(hart.CanRead("satp") || hart.CanWrite("satp"), Is.False);
        hart.Enter(Privilege.Machine);
        Assert.That(hart.CanRead("satp"));
    }

    [Test]
    public void SstatusIsAViewOfMstatus()
    {
        using var hart = new PrivilegedHart();
        hart["mstatus"] = Mstatus.Mie | Mstatus.Tsr;
        hart["sstatus"] = ulong.MaxValue;

        Assert.That(hart["mstatus"], Is.EqualTo(
            Mstatus.Sd | (2UL << 34) | (2UL << 32) | Mstatus.Tsr | Mstatus.Mxr | Mstatus.Sum | Mstatus.Fs | Mstatus.Spp | Mstatus.Spie
            | Mstatus.Mie | Mstatus.Sie));
    }

    [TestCase("fflags", 0xFFUL, 0x1FUL, 0x1FUL)]
    [TestCase("frm", 0xFFUL, 7UL, 0xE0UL)]
    [TestCase("fcsr", 0xFFFUL, 0xFFUL, 0xFFUL)]
    public void FloatingPointRegistersFollowFs(string csr, ulong written, ulong read, ulong fcsr)
    {
        using var hart = new PrivilegedHart();
        Assert.That(hart.CanRead(csr) || hart.CanWrite(csr), Is.False, "Off");

        hart["mstatus"] = (ulong)FloatStatus.Initial << Mstatus.FsShift;
        Assert.That(hart[csr], Is.Zero);
        Assert.That(hart["mstatus"] & (Mstatus.Fs | Mstatus.Sd), Is.EqualTo((ulong)FloatStatus.Initial << Mstatus.FsShift), "reading leaves it");
        hart[csr] = written;
        Assert.That(hart[csr], Is.EqualTo(read));
        Assert.That(hart["fcsr"], Is.EqualTo(fcsr));
        Assert.That(hart["mstatus"] & (Mstatus.Fs | Mstatus.Sd), Is.EqualTo(Mstatus.Fs | Mstatus.Sd), "writing dirties it");
    }

    [Test]
    public void FloatingPointInstructionsNeedFsAndDirtyIt()
    {
        using var hart = new PrivilegedHart();
        Assert.That(hart.Unit.TryUseFloat(), Is.False);
        hart["mstatus"] = (ulong)FloatStatus.Clean << Mstatus.FsShift;
        Assert.That(hart.Unit.TryUseFloat());
        Assert.That(hart.Unit.State.FloatStatus, Is.EqualTo(FloatStatus.Dirty));
    }

    [TestCase(Privilege.User, 0UL, 0UL, false)]
    [TestCase(Privilege.User, 0x80UL, 0UL, false)]
    [TestCase(Privilege.User, 0UL, 0x80UL, false)]
    [TestCase(Privilege.User, 0x80UL, 0x80UL, true)]
    [TestCase(Privilege.Supervisor, 0UL, 0x80UL, false)]
    [TestCase(Privilege.Supervisor, 0x80UL, 0UL, true)]
    [TestCase(Privilege.Machine, 0UL, 0UL, true)]
    public void CacheBlockZeroIsEnabledLevelByLevel(Privilege mode, ulong menvcfg, ulong senvcfg, bool permitted)
    {
        using var hart = new PrivilegedHart();
        hart["menvcfg"] = menvcfg;
        hart["senvcfg"] = senvcfg;
        hart.Enter(mode);

        Assert.That(hart.Unit.Permits(CacheBlockOperation.Zero), Is.EqualTo(permitted));
        Assert.That(hart.Unit.Permits(CacheBlockOperation.CleanOrFlush), Is.EqualTo(mode == Privilege.Machine));
        Assert.That(hart.Unit.Permits(CacheBlockOperation.Invalidate), Is.EqualTo(mode == Privilege.Machine));
    }
}
