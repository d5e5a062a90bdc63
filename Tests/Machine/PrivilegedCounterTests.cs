using NUnit.Framework;
using RvJit.Machine;

namespace RvJit.Tests.Machine;

/// <summary>Counters, who may read them, and who stops them (privileged manual, "Hardware Performance Monitor").</summary>
public class PrivilegedCounterTests
{
    [TestCase("cycle", 1UL)]
    [TestCase("time", 2UL)]
    [TestCase("instret", 4UL)]
    [TestCase("hpmcounter3", 8UL)]
    [TestCase("hpmcounter31", 0x8000_0000UL)]
    public void EachModeNeedsTheEnablesOfTheModesAbove(string csr, ulong bit)
    {
        foreach (ulong machine in (ulong[])[0, bit, ~bit])
        {
            foreach (ulong supervisor in (ulong[])[0, bit, ~bit])
            {
                using var hart = new PrivilegedHart();
                hart["mcounteren"] = machine;
                hart["scounteren"] = supervisor;
                Assert.That(hart.CanRead(csr), Is.True, "M");
                hart.Enter(Privilege.Supervisor);
                Assert.That(hart.CanRead(csr), Is.EqualTo(machine == bit), "S");
                hart.Enter(Privilege.User);
                Assert.That(hart.CanRead(csr), Is.EqualTo(machine == bit && supervisor == bit), "U");
            }
        }
    }

    [Test]
    public void WithoutSupervisorsUserModeNeedsMcounterenAlone()
    {
        using var hart = new PrivilegedHart("rv64gc_zicntr", supervisor: false);
        hart["mcounteren"] = 1;
        hart.Enter(Privilege.User);

        Assert.That(hart.CanRead("cycle"));
        Assert.That(hart.CanRead("instret"), Is.False);
    }

    [Test]
    public void TheInstructionAfterAWriteReadsWhatWasWritten()
    {
        using var hart = new PrivilegedHart();
        Nops(hart, 10);
        Assert.That(hart.Execute("csrrwi", csr: "minstret", uimm: 7), Is.Null);

        Assert.That(hart["minstret"], Is.EqualTo(7));
        Nops(hart, 5);
        Assert.That(hart["minstret"], Is.EqualTo(12));
        Assert.That(hart["instret"], Is.EqualTo(12));
    }

    [TestCase("minstret", 4UL)]
    [TestCase("mcycle", 1UL)]
    public void InhibitedCountersStandStillAndCanBeSet(string csr, ulong bit)
    {
        using var hart = new PrivilegedHart();
        Nops(hart, 10);
        hart["mcountinhibit"] = bit;
        ulong stopped = hart[csr];
        Nops(hart, 10);
        Assert.That(hart[csr], Is.EqualTo(stopped));
        hart[csr] = 100;
        Nops(hart, 10);
        Assert.That(hart[csr], Is.EqualTo(100));

        hart["mcountinhibit"] = 0;
        Nops(hart, 3);
        Assert.That(hart[csr], Is.EqualTo(103));
    }

    [Test]
    public void TimeIsTheBoards()
    {
        using var hart = new PrivilegedHart();
        hart.Clock.Advance(1234);
        Assert.That(hart["time"], Is.EqualTo(1234));
    }

    private static void Nops(PrivilegedHart hart, int count)
    {
        for (int i = 0; i < count; i++)
            Assert.That(hart.Execute("csrrs", csr: "mscratch"), Is.Null);
    }
}
