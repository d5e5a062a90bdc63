using NUnit.Framework;
using RvJit.Machine;

namespace RvJit.Tests.Machine;

/// <summary>The allocator of guest physical memory against a list of what is taken.</summary>
public class AllocatorTests
{
    private const ulong Bytes = 4 << 20;
    private const int Steps = 4000;
    private const int Seed = 99;

    [Test]
    public void ExtentsAreApartAlignedAndZero()
    {
        using var memory = new PhysicalMemory(Bytes);
        var random = new Random(Seed);
        var taken = new List<(ulong Address, ulong Bytes)>();
        for (int step = 0; step < Steps; step++)
        {
            if (taken.Count != 0 && random.Next(2) == 0)
            {
                int k = random.Next(taken.Count);
                memory.Free(taken[k].Address, taken[k].Bytes);
                taken.RemoveAt(k);
                continue;
            }

            ulong bytes = (ulong)random.Next(1, 200_000);
            ulong alignment = (ulong)HostMemory.PageSize << random.Next(5);
            bool got = memory.TryAllocate(bytes, alignment, out ulong address);
            bytes = (bytes + HostMemory.PageSize - 1) & ~(ulong)(HostMemory.PageSize - 1);
            Assert.That(got, Is.EqualTo(FitsSomewhere(memory, taken, bytes, alignment)), $"step {step}");
            if (!got)
                continue;
            Assert.That(address & (alignment - 1), Is.Zero);
            Assert.That(memory.Contains(address, bytes));
            Assert.That(taken.Exists(t => address < t.Address + t.Bytes && t.Address < address + bytes), Is.False, $"step {step}: overlap");
            Span<byte> contents = memory.Span(address, (int)bytes);
            Assert.That(contents.IndexOfAnyExcept((byte)0), Is.EqualTo(-1), "a fresh extent reads as zero");
            contents.Fill(0xAB);
            taken.Add((address, bytes));
        }

        foreach ((ulong address, ulong bytes) in taken)
            memory.Free(address, bytes);
        Assert.That(memory.TryAllocate(Bytes, HostMemory.PageSize, out ulong all), "everything is one extent again");
        Assert.That(all, Is.EqualTo(memory.Base));
        Assert.That(memory.Span(all, (int)Bytes).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [TestCase(0UL)]
    [TestCase(123UL)]
    public void MemoryIsWholePages(ulong bytes) => Assert.That(() => new PhysicalMemory(bytes), Throws.ArgumentException);

    [TestCase(PhysicalMemory.DefaultBase - 1, 1UL, false)]
    [TestCase(PhysicalMemory.DefaultBase, Bytes, true)]
    [TestCase(PhysicalMemory.DefaultBase, Bytes + 1, false)]
    [TestCase(PhysicalMemory.DefaultBase + Bytes, 0UL, true)]
    [TestCase(PhysicalMemory.DefaultBase + Bytes, 1UL, false)]
    [TestCase(PhysicalMemory.DefaultBase + 8, ulong.MaxValue, false)]
    [TestCase(ulong.MaxValue, 2UL, false)]
    [TestCase(0UL, 1UL, false)]
    public void OnlyRamHasAHostView(ulong address, ulong bytes, bool inside)
    {
        using var memory = new PhysicalMemory(Bytes);

        Assert.That(memory.Contains(address, bytes), Is.EqualTo(inside));
        if (!inside)
            Assert.That(() => memory.Span(address, (int)Math.Min(bytes, int.MaxValue)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static bool FitsSomewhere(PhysicalMemory memory, List<(ulong Address, ulong Bytes)> taken, ulong bytes, ulong alignment)
    {
        ulong start = memory.Base;
        foreach ((ulong address, ulong length) in taken.OrderBy(t => t.Address).Append((memory.End, 0UL)))
        {
            ulong aligned = (start + alignment - 1) & ~(alignment - 1);
            if (aligned + bytes <= address)
                return true;
            start = address + length;
        }

        return false;
    }
}
