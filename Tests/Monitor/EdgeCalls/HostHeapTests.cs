using NUnit.Framework;
using RvJit.Monitor.EdgeCalls.Host;

namespace RvJit.Tests.Monitor.EdgeCalls;

/// <summary>The allocator of the host's side: blocks never overlap, lie in the zone, and all of it comes back.</summary>
public class HostHeapTests
{
    private const uint Start = 0x3000;

    [TestCase(0x1000u)]
    [TestCase(0x5000u)]
    [TestCase(0x1_7000u)]
    public void BlocksNeverOverlapAndComeBack(uint length)
    {
        var heap = new HostHeap(Start, length);
        var random = new Random(7);
        var held = new List<(uint Offset, uint Length)>();
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            if (held.Count > 0 && random.Next(2) == 0)
            {
                int at = random.Next(held.Count);
                heap.Free(held[at].Offset);
                held.RemoveAt(at);
                continue;
            }

            uint bytes = (uint)random.Next(1, random.Next(2) == 0 ? 200 : 3000);
            uint offset = heap.Allocate(bytes);
            if (offset == HostHeap.None)
            {
                refused++;
                continue;
            }

            Assert.That(offset % 64, Is.Zero);
            Assert.That(offset, Is.GreaterThanOrEqualTo(Start));
            Assert.That(offset + bytes, Is.LessThanOrEqualTo(Start + length));
            Assert.That(held.Exists(other => offset < other.Offset + other.Length && other.Offset < offset + bytes), Is.False);
            held.Add((offset, bytes));
        }

        Assert.That(refused, Is.Positive, "the zone was full at times");
        foreach ((uint offset, _) in held)
            heap.Free(offset);
        uint all = 0;
        for (uint order = length; order >= 64; order /= 2)
        {
            uint piece = System.Numerics.BitOperations.RoundUpToPowerOf2((order / 2) + 1);
            while (heap.Allocate(piece) != HostHeap.None)
                all += piece;
        }

        Assert.That(all, Is.EqualTo(length), "everything can be had again, in the largest pieces there are");
    }

    [Test]
    public void WhatIsTooLargeIsRefused()
    {
        var heap = new HostHeap(Start, 0x5000);
        Assert.That(heap.Allocate(0x4001), Is.EqualTo(HostHeap.None));
        Assert.That(heap.Allocate(uint.MaxValue), Is.EqualTo(HostHeap.None));
        Assert.That(heap.Allocate(0x4000), Is.EqualTo(Start));
        Assert.That(new HostHeap(Start, 0).Allocate(1), Is.EqualTo(HostHeap.None));
    }
}
