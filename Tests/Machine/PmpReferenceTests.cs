using NUnit.Framework;
using RvJit.Machine;

namespace RvJit.Tests.Machine;

/// <summary>PMP matching against a model that looks at every byte by itself (privileged manual, "Address matching").</summary>
public class PmpReferenceTests
{
    /// <summary>Random entries live in a small space, so that they meet; 4 KiB of bytes are all looked at.</summary>
    private const int Space = 4096;
    private const int Configurations = 150;
    private const int AccessesOfAConfiguration = 400;

    private static readonly byte[] s_modes =
        [PmpRegisters.ModeOff, PmpRegisters.ModeTor, PmpRegisters.ModeNa4, PmpRegisters.ModeNapot];

    [Test]
    public void EveryByteIsGrantedWhatTheManualSays([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        for (int n = 0; n < Configurations; n++)
        {
            PmpRegisters pmp = Configure(random);
            for (ulong address = 0; address < Space; address++)
            {
                Access grant = pmp.Grant(address, out ulong uniform);
                Assert.That(grant, Is.EqualTo(GrantOf(pmp, address)), $"{Describe(pmp)} at {address:x}");
                Assert.That(uniform, Is.Positive);
                ulong last = Math.Min(address + uniform - 1, Space - 1);
                Assert.That(pmp.Grant(last, out _), Is.EqualTo(grant), $"{Describe(pmp)} from {address:x} to {last:x}");
                Assert.That(GrantOf(pmp, (address + last) / 2), Is.EqualTo(grant), $"{Describe(pmp)} from {address:x} to {last:x}");
            }
        }
    }

    [Test]
    public void AnAccessIsDecidedByItsLowestEntryWhichMustMatchAllOfIt()
    {
        var random = new Random(4);
        for (int n = 0; n < Configurations; n++)
        {
            PmpRegisters pmp = Configure(random);
            for (int k = 0; k < AccessesOfAConfiguration; k++)
            {
                ulong address = (ulong)random.Next(Space);
                ulong bytes = 1UL << random.Next(4);
                Access access = (Access)(1 << random.Next(3));
                Assert.That(pmp.Allows(address, bytes, access), Is.EqualTo(AllowsOf(pmp, address, bytes, access)),
                    $"{Describe(pmp)}: {bytes} bytes at {address:x} for {access}");
            }
        }
    }

    [Test]
    public void NapotAddressesComeBack([Range(3, 40)] int log)
    {
        ulong bytes = 1UL << log;
        var pmp = new PmpRegisters(1);
        pmp.Set(0, PmpRegisters.ModeNapot | (byte)Access.ReadWrite, PmpRegisters.NapotAddress(bytes * 3, bytes));

        Assert.That(pmp.Allows(bytes * 3, bytes, Access.ReadWrite));
        Assert.That(pmp.Grant((bytes * 3) - 1, out _), Is.EqualTo(Access.None));
        Assert.That(pmp.Grant(bytes * 4, out _), Is.EqualTo(Access.None));
    }

    [Test]
    public void AllOnesIsTheWholeAddressSpace()
    {
        var pmp = new PmpRegisters(2);
        pmp.Set(1, PmpRegisters.ModeNapot | (byte)Access.All, (1UL << 54) - 1);

        Assert.That(pmp.Grant(0, out ulong uniform), Is.EqualTo(Access.All));
        Assert.That(uniform, Is.EqualTo(ulong.MaxValue));
        Assert.That(pmp.Allows(ulong.MaxValue - 7, 8, Access.All));
        Assert.That(pmp.Allows(ulong.MaxValue - 6, 8, Access.Read), Is.False, "past the end");
    }

    [Test]
    public void WithoutEntriesEverythingIsAllowedAndWithUnusedOnesNothing()
    {
        Assert.That(new PmpRegisters(0).Grant(123, out _), Is.EqualTo(Access.All));
        Assert.That(new PmpRegisters(0).Allows(123, 8, Access.All));
        Assert.That(new PmpRegisters(16).Grant(123, out _), Is.EqualTo(Access.None));
        Assert.That(new PmpRegisters(16).Allows(123, 8, Access.Read), Is.False);
    }

    private static PmpRegisters Configure(Random random)
    {
        var pmp = new PmpRegisters(random.Next(1, 9));
        for (int i = 0; i < pmp.Count; i++)
        {
            byte config = (byte)(s_modes[random.Next(s_modes.Length)] | random.Next(8));
            ulong start = (ulong)random.Next(Space);
            bool napot = (config & PmpRegisters.ModeMask) == PmpRegisters.ModeNapot;
            ulong bytes = 8UL << random.Next(9);
            pmp.Set(i, config, napot ? PmpRegisters.NapotAddress(start & ~(bytes - 1), bytes) : start >> 2);
        }

        return pmp;
    }

    /// <summary>The entry that decides a byte, or -1; written from the manual's words, one byte at a time.</summary>
    private static int EntryOf(PmpRegisters pmp, ulong address)
    {
        for (int i = 0; i < pmp.Count; i++)
        {
            ulong top = pmp.Address(i);
            bool matches = (pmp.Config(i) & PmpRegisters.ModeMask) switch
            {
                PmpRegisters.ModeTor => address >> 2 >= (i == 0 ? 0 : pmp.Address(i - 1)) && address >> 2 < top,
                PmpRegisters.ModeNa4 => address >> 2 == top,
                PmpRegisters.ModeNapot => ((address >> 2) | (top ^ (top + 1))) == (top | (top ^ (top + 1))),
                _ => false,
            };
            if (matches)
                return i;
        }

        return -1;
    }

    private static Access GrantOf(PmpRegisters pmp, ulong address) =>
        EntryOf(pmp, address) is >= 0 and var entry ? (Access)(pmp.Config(entry) & 7) : Access.None;

    private static bool AllowsOf(PmpRegisters pmp, ulong address, ulong bytes, Access access)
    {
        // Lowest-numbered entry matching any byte: it decides, and must match every byte.
        int decides = int.MaxValue;
        for (ulong at = address; at < address + bytes; at++)
            decides = EntryOf(pmp, at) is >= 0 and var entry ? Math.Min(decides, entry) : decides;
        if (decides == int.MaxValue || ((Access)(pmp.Config(decides) & 7) & access) != access)
            return false;
        for (ulong at = address; at < address + bytes; at++)
        {
            if (EntryOf(pmp, at) != decides)
                return false;
        }

        return true;
    }

    private static string Describe(PmpRegisters pmp) =>
        string.Join(", ", Enumerable.Range(0, pmp.Count).Select(i => $"{pmp.Config(i):x2}:{pmp.Address(i):x}"));
}
