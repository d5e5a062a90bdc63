using NUnit.Framework;
using RvJit.Machine;
using RvJit.Machine.Board;

namespace RvJit.Tests.Machine.Board;

/// <summary>Who gets an access, and who sees a store.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SystemBusTests : IDisposable
{
    private readonly PhysicalMemory _memory = new(0x1_0000);
    private readonly SystemBus _bus;

    public SystemBusTests()
    {
        _bus = new SystemBus(_memory);
        _bus.Add(0x2000, new Echo(0x100));
        _bus.Add(0x1000, new Echo(0x1000));
        _bus.Add(0x3000, new Echo(8));
    }

    public void Dispose() => _memory.Dispose();

    [TestCase(0x1000UL, 8, 0x0UL)]
    [TestCase(0x1FF8UL, 8, 0xFF8UL)]
    [TestCase(0x2000UL, 1, 0x0UL)]
    [TestCase(0x3007UL, 1, 0x7UL)]
    public void AnAccessReachesItsDeviceAtItsOffset(ulong address, int bytes, ulong offset)
    {
        Assert.That(_bus.TryRead(address, bytes, out ulong value), Is.True);
        Assert.That(value, Is.EqualTo(offset));
        Assert.That(_bus.TryWrite(address, bytes, 0), Is.True);
    }

    [TestCase(0x0FFFUL, 1)]
    [TestCase(0x0FFFUL, 2)]
    [TestCase(0x1FFCUL, 8, TestName = "{m}(over the end into the next device)")]
    [TestCase(0x2100UL, 1)]
    [TestCase(0x3004UL, 8)]
    [TestCase(0x8000_0000UL, 8, TestName = "{m}(RAM is not the bus's)")]
    [TestCase(ulong.MaxValue, 1)]
    [TestCase(ulong.MaxValue, 8)]
    public void EverythingElseFaults(ulong address, int bytes)
    {
        Assert.That(_bus.TryRead(address, bytes, out _), Is.False);
        Assert.That(_bus.TryWrite(address, bytes, 0), Is.False);
    }

    [TestCase(0x1800UL)]
    [TestCase(0x2FFFUL)]
    [TestCase(PhysicalMemory.DefaultBase - 8)]
    public void DevicesDoNotOverlap(ulong address) =>
        Assert.That(() => _bus.Add(address, new Echo(0x10)), Throws.ArgumentException);

    [Test]
    public void ObserversSeeStoresThatTouchTheirRange()
    {
        var seen = new List<ulong>();
        _bus.Observe(PhysicalMemory.DefaultBase + 0x1008, 8, new Observer(seen));

        foreach (ulong offset in (ulong[])[0x1000, 0x1004, 0x100F, 0x1010])
            _bus.NoteStored(PhysicalMemory.DefaultBase + offset, 8);

        Assert.That(seen, Is.EqualTo((ulong[])[PhysicalMemory.DefaultBase + 0x1004, PhysicalMemory.DefaultBase + 0x100F]));
        Assert.That(_bus.IsObserved(PhysicalMemory.DefaultBase + 0x1000), Is.True);
        Assert.That(_bus.IsObserved(PhysicalMemory.DefaultBase), Is.False);
        Assert.That(_bus.IsObserved(PhysicalMemory.DefaultBase + 0x2000), Is.False);
    }

    private sealed class Observer(List<ulong> seen) : IStoreObserver
    {
        public void NoteStored(ulong address, ulong bytes) => seen.Add(address);
    }

    private sealed class Echo(ulong size) : IBusDevice
    {
        public string Name => "echo";

        public ulong Size => size;

        public bool TryRead(ulong offset, int bytes, out ulong value)
        {
            value = offset;
            return true;
        }

        public bool TryWrite(ulong offset, int bytes, ulong value) => true;
    }
}
