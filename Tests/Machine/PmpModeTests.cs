using NUnit.Framework;
using RvJit.Machine;

namespace RvJit.Tests.Machine;

/// <summary>What entries grant to each mode, without and with Smepmp, and which writes of PMP CSRs take effect.</summary>
public class PmpModeTests
{
    private const ulong Region = 0x8000_0000;
    private const ulong Bytes = 0x1000;
    private const byte Napot = PmpRegisters.ModeNapot;
    private const ulong Mml = 1;
    private const ulong Mmwp = 2;
    private const ulong Rlb = 4;

    /// <summary>Smepmp chapter, truth table for mseccfg.MML = 1: L R W X, M-mode, S- and U-mode.</summary>
    private const string Lockdown = """
        0000 --- ---
        0001 --- --x
        0010 rw- r--
        0011 rw- rw-
        0100 --- r--
        0101 --- r-x
        0110 --- rw-
        0111 --- rwx
        1000 --- ---
        1001 --x ---
        1010 --x --x
        1011 r-x --x
        1100 r-- ---
        1101 r-x ---
        1110 rw- ---
        1111 r-- r--
        """;

    private static IEnumerable<TestCaseData> Rules() =>
        Lockdown.Split('\n').Select(line => new TestCaseData([.. line.Split(' ')]));

    private static Access Parse(string rights) =>
        (rights[0] == 'r' ? Access.Read : 0) | (rights[1] == 'w' ? Access.Write : 0) | (rights[2] == 'x' ? Access.Execute : 0);

    private static PmpRegisters OneEntry(byte config, ulong security)
    {
        var pmp = new PmpRegisters(16);
        pmp.Set(0, config, PmpRegisters.NapotAddress(Region, Bytes));
        pmp.SetSecurity(security);
        return pmp;
    }

    [TestCaseSource(nameof(Rules))]
    public void LockdownGrantsWhatTheTableSays(string bits, string machine, string others)
    {
        // The table's columns are L, R, W, X; pmpcfg has X above W above R.
        byte config = (byte)(Napot | (bits[0] == '1' ? PmpRegisters.Locked : 0)
            | (byte)Parse($"{(bits[1] == '1' ? 'r' : '-')}{(bits[2] == '1' ? 'w' : '-')}{(bits[3] == '1' ? 'x' : '-')}"));
        PmpRegisters pmp = OneEntry(config, Mml);
        foreach (Privilege mode in Enum.GetValues<Privilege>())
        {
            Access expected = Parse(mode == Privilege.Machine ? machine : others);
            Assert.That(pmp.Grant(Region + 8, mode, out ulong uniform), Is.EqualTo(expected), $"{mode}");
            Assert.That(uniform, Is.EqualTo(Bytes - 8));
            foreach (Access access in (Access[])[Access.Read, Access.Write, Access.Execute])
                Assert.That(pmp.Allows(Region + 8, 8, access, mode), Is.EqualTo((expected & access) != 0), $"{mode} {access}");
        }
    }

    [Test]
    public void WithoutLockdownOnlyLockedEntriesBindMachineMode([Range(0, 7)] int rights, [Values] bool locked)
    {
        PmpRegisters pmp = OneEntry((byte)(Napot | rights | (locked ? PmpRegisters.Locked : 0)), 0);

        Assert.That(pmp.Grant(Region, Privilege.Machine, out _), Is.EqualTo(locked ? (Access)rights : Access.All));
        Assert.That(pmp.Grant(Region, Privilege.Supervisor, out _), Is.EqualTo((Access)rights));
        Assert.That(pmp.Grant(Region, Privilege.User, out _), Is.EqualTo((Access)rights));
    }

    [TestCase(0UL, Access.All)]
    [TestCase(Mml, Access.ReadWrite)]
    [TestCase(Mmwp, Access.None)]
    [TestCase(Mml | Mmwp, Access.None)]
    public void MachineModeOutsideOfAllEntries(ulong security, Access expected)
    {
        PmpRegisters pmp = OneEntry(Napot, security);

        Assert.That(pmp.Grant(Region - 1, Privilege.Machine, out _), Is.EqualTo(expected));
        Assert.That(pmp.Allows(Region - 8, 8, Access.Read, Privilege.Machine), Is.EqualTo((expected & Access.Read) != 0));
        Assert.That(pmp.Grant(Region - 1, Privilege.Supervisor, out _), Is.EqualTo(Access.None));
    }

    [Test]
    public void AnAccessThatAnEntryMatchesInPartFailsInMachineModeToo()
    {
        PmpRegisters pmp = OneEntry((byte)(Napot | (byte)Access.All), 0);

        Assert.That(pmp.Allows(Region - 4, 8, Access.Read, Privilege.Machine), Is.False);
        Assert.That(pmp.Allows(Region - 8, 8, Access.Read, Privilege.Machine));
        Assert.That(pmp.Allows(Region, 8, Access.Read, Privilege.Machine));
    }

    [TestCase(0x60UL, 0x00UL, TestName = "bits 6:5 are reserved")]
    [TestCase(0xFFUL, 0x9FUL, TestName = "all ones")]
    [TestCase(0x02UL, 0x00UL, TestName = "W without R is reserved")]
    [TestCase(0x06UL, 0x04UL, TestName = "W and X without R is reserved")]
    [TestCase(0x13UL, 0x13UL, TestName = "NA4: granularity is 4 bytes")]
    public void ConfigHoldsWhatIsLegal(ulong written, ulong read)
    {
        using var hart = new PrivilegedHart();
        hart["pmpcfg0"] = written << 16;
        Assert.That(hart["pmpcfg0"], Is.EqualTo(read << 16));
        Assert.That(hart.Hart.Pmp.Config(2), Is.EqualTo(read));
    }

    [Test]
    public void ConfigRegistersHoldEightEntries()
    {
        using var hart = new PrivilegedHart();
        hart["pmpcfg0"] = 0x0706_0504_0301_0908;
        hart["pmpcfg2"] = 0x0807_0605_0403_0100;
        hart["pmpcfg4"] = ulong.MaxValue;

        Assert.That(hart["pmpcfg0"], Is.EqualTo(0x0704_0504_0301_0908));
        Assert.That(hart["pmpcfg2"], Is.EqualTo(0x0807_0405_0403_0100));
        Assert.That(hart["pmpcfg4"], Is.Zero, "entries 16 and up do not exist");
        Assert.That(hart.Hart.Pmp.Config(8 + 7), Is.EqualTo(0x08));
    }

    [Test]
    public void LockedEntriesKeepTheirRegisters()
    {
        using var hart = new PrivilegedHart();
        hart["pmpaddr1"] = 0x1000;
        hart["pmpcfg0"] = (ulong)(PmpRegisters.Locked | Napot | 1) << 8;
        hart["pmpaddr1"] = 0;
        hart["pmpaddr0"] = 5;
        hart["pmpcfg0"] = 0x0707;

        Assert.That(hart["pmpaddr1"], Is.EqualTo(0x1000));
        Assert.That(hart["pmpcfg0"], Is.EqualTo(0x9907));
        Assert.That(hart["pmpaddr0"], Is.EqualTo(5), "no TOR above: free");
    }

    [Test]
    public void ALockedTopOfRangeLocksItsBottom()
    {
        using var hart = new PrivilegedHart();
        hart["pmpaddr0"] = 0x1000;
        hart["pmpaddr1"] = 0x2000;
        hart["pmpcfg0"] = (ulong)(PmpRegisters.Locked | PmpRegisters.ModeTor | 1) << 8;
        hart["pmpaddr0"] = 0;
        Assert.That(hart["pmpaddr0"], Is.EqualTo(0x1000));
        hart["pmpcfg0"] = (byte)Access.All;
        Assert.That(hart["pmpcfg0"] & 0xFF, Is.EqualTo(7), "its configuration is free");
    }

    [Test]
    public void LockingBindsEntriesThatAreOff()
    {
        using var hart = new PrivilegedHart();
        hart["pmpcfg0"] = PmpRegisters.Locked;
        hart["pmpcfg0"] = 7;
        hart["pmpaddr0"] = 7;
        Assert.That((hart["pmpcfg0"], hart["pmpaddr0"]), Is.EqualTo((0x80UL, 0UL)));
    }

    [Test]
    public void LockdownAndAllowlistStick()
    {
        using var hart = new PrivilegedHart();
        hart["mseccfg"] = Mml;
        hart["mseccfg"] = Mmwp;
        Assert.That(hart["mseccfg"], Is.EqualTo(Mml | Mmwp));
        hart["mseccfg"] = ~0UL;
        Assert.That(hart["mseccfg"], Is.EqualTo(Mml | Mmwp | Rlb), "no entry is locked");
        hart["mseccfg"] = 0;
        Assert.That(hart["mseccfg"], Is.EqualTo(Mml | Mmwp));
    }

    [Test]
    public void BypassOpensLockedEntriesAndCannotComeBackWhileOneIsLocked()
    {
        using var hart = new PrivilegedHart();
        hart["mseccfg"] = Rlb;
        hart["pmpcfg0"] = PmpRegisters.Locked;
        hart["pmpaddr0"] = 7;
        Assert.That(hart["pmpaddr0"], Is.EqualTo(7));
        hart["mseccfg"] = Rlb;
        Assert.That(hart["mseccfg"], Is.EqualTo(Rlb), "it stays while set");
        hart["mseccfg"] = 0;
        hart["mseccfg"] = Rlb;
        Assert.That(hart["mseccfg"], Is.Zero);
        hart["pmpaddr0"] = 9;
        Assert.That(hart["pmpaddr0"], Is.EqualTo(7));
    }

    [Test]
    public void UnderLockdownNoRuleThatLetsMachineModeExecuteIsAdded([Range(0, 15)] int bits, [Values] bool bypass)
    {
        using var hart = new PrivilegedHart();
        hart["mseccfg"] = Mml | (bypass ? Rlb : 0);
        ulong config = (ulong)(Napot | (bits & 7) | ((bits & 8) != 0 ? PmpRegisters.Locked : 0));
        bool executes = bits is 0b1100 or 0b1101 or 0b1010 or 0b1110;

        hart["pmpcfg0"] = config;

        Assert.That(hart["pmpcfg0"], Is.EqualTo(executes && !bypass ? 0 : config));
    }
}
