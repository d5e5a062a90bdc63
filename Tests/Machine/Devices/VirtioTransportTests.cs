using System.Buffers.Binary;
using NUnit.Framework;
using RvJit.Machine.Devices.Virtio;

namespace RvJit.Tests.Machine.Devices;

/// <summary>Negotiation, and drivers that lie: the device asks for a reset, and nothing outside RAM is touched.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class VirtioTransportTests : IDisposable
{
    private const ushort ReadableNext = VirtioDriver.Next;
    private const ulong End = VirtioDriver.Ram + VirtioDriver.RamBytes;

    private readonly TestPort _port = new();
    private readonly VirtioDriver _driver;

    public VirtioTransportTests() => _driver = new VirtioDriver(new VirtioConsole(_port));

    public void Dispose() => _driver.Dispose();

    [Test]
    public void AnEmptySlotHasNoDevice()
    {
        using var empty = new VirtioDriver(null, start: false);
        Assert.That(empty.Transport.Read(0), Is.EqualTo(0x74726976));
        Assert.That(empty.Transport.Read(8), Is.Zero);
        Assert.That(empty.Transport.Read(VirtioDriver.Configuration), Is.Zero);
        empty.Transport.Write(VirtioDriver.Notify, 0);
        Assert.That(empty.Line.Level, Is.False);
    }

    [Test]
    public void AConsoleSendsWhatItIsGiven()
    {
        "text"u8.CopyTo(_driver.Bytes(VirtioDriver.Buffers, 4));
        _driver.Describe(VirtioDriver.Table(1), 0, VirtioDriver.Buffers, 4, 0);
        _driver.Offer(1, 0);

        Assert.That(_port.Text, Is.EqualTo("text"));
        Assert.That((_driver.UsedCount(1), _driver.UsedLength(1)), Is.EqualTo(((ushort)1, 0U)));
        Assert.That(_driver.Line.Level, Is.True);
    }

    [Test]
    public void AConsoleReceivesIntoBuffersThatWait()
    {
        _driver.Describe(VirtioDriver.Table(0), 0, VirtioDriver.Buffers, 2, VirtioDriver.Writable);
        _driver.Describe(VirtioDriver.Table(0), 1, VirtioDriver.Buffers + 64, 64, VirtioDriver.Writable);
        _driver.Offer(0, 0);
        _driver.Offer(0, 1);
        Assert.That(_driver.UsedCount(0), Is.Zero);
        _port.Type("abc");

        Assert.That(_driver.UsedCount(0), Is.EqualTo(2));
        Assert.That(_driver.Bytes(VirtioDriver.Buffers, 2).ToArray(), Is.EqualTo("ab"u8.ToArray()));
        Assert.That(_driver.Bytes(VirtioDriver.Buffers + 64, 1)[0], Is.EqualTo((byte)'c'));
        Assert.That(_driver.UsedLength(0), Is.EqualTo(1));
    }

    [TestCase(0U, 0U, TestName = "{m}(without version 1)")]
    [TestCase(1U, 1U, TestName = "{m}(a bit that was not offered)")]
    public void FeaturesThatDoNotFitAreRefused(uint low, uint high)
    {
        _driver.Transport.Write(VirtioDriver.Status, 0);
        _driver.Transport.Write(VirtioDriver.Status, 3);
        _driver.Transport.Write(VirtioDriver.DriverFeatureSelect, 0);
        _driver.Transport.Write(VirtioDriver.DriverFeatures, low);
        _driver.Transport.Write(VirtioDriver.DriverFeatureSelect, 1);
        _driver.Transport.Write(VirtioDriver.DriverFeatures, high);
        _driver.Transport.Write(VirtioDriver.Status, 11);

        Assert.That(_driver.Transport.Read(VirtioDriver.Status), Is.EqualTo(3));
    }

    [Test]
    public void NothingHappensBeforeTheDriverIsReady()
    {
        _driver.Transport.Write(VirtioDriver.Status, 11);
        _driver.Describe(VirtioDriver.Table(1), 0, VirtioDriver.Buffers, 4, 0);
        _driver.Offer(1, 0);
        Assert.That(_port.Written, Is.Empty);
    }

    [TestCase(0x1000UL, 16U, TestName = "{m}(below RAM)")]
    [TestCase(End - 8, 16U, TestName = "{m}(over the end of RAM)")]
    [TestCase(ulong.MaxValue - 7, 16U, TestName = "{m}(around the end of addresses)")]
    [TestCase(VirtioDriver.Ram, uint.MaxValue, TestName = "{m}(longer than RAM)")]
    public void BuffersOutsideRamAreRefused(ulong address, uint length)
    {
        _driver.Describe(VirtioDriver.Table(1), 0, address, length, 0);
        _driver.Offer(1, 0);
        AssertBroken();
    }

    [Test]
    public void ARingOfDescriptorsIsRefused()
    {
        _driver.Describe(VirtioDriver.Table(1), 0, VirtioDriver.Buffers, 4, ReadableNext, 1);
        _driver.Describe(VirtioDriver.Table(1), 1, VirtioDriver.Buffers, 4, ReadableNext, 0);
        _driver.Offer(1, 0);
        AssertBroken();
    }

    [Test]
    public void AReadableBufferAfterAWritableOneIsRefused()
    {
        _driver.Describe(VirtioDriver.Table(1), 0, VirtioDriver.Buffers, 4, VirtioDriver.Next | VirtioDriver.Writable, 1);
        _driver.Describe(VirtioDriver.Table(1), 1, VirtioDriver.Buffers, 4, 0);
        _driver.Offer(1, 0);
        AssertBroken();
    }

    [TestCase((ushort)VirtioDriver.QueueSize)]
    [TestCase(ushort.MaxValue)]
    public void AHeadOutsideTheTableIsRefused(ushort head)
    {
        _driver.Offer(1, head);
        AssertBroken();
    }

    [Test]
    public void ANextOutsideTheTableIsRefused()
    {
        _driver.Describe(VirtioDriver.Table(1), 0, VirtioDriver.Buffers, 4, ReadableNext, VirtioDriver.QueueSize);
        _driver.Offer(1, 0);
        AssertBroken();
    }

    [TestCase(0U)]
    [TestCase(17U)]
    [TestCase(16U * 257)]
    public void AnIndirectTableOfNoWholeOrTooManyDescriptorsIsRefused(uint bytes)
    {
        _driver.Describe(VirtioDriver.Table(1), 0, VirtioDriver.Buffers, bytes, VirtioDriver.Indirect);
        _driver.Offer(1, 0);
        AssertBroken();
    }

    [Test]
    public void AnIndirectTableInsideAnotherIsRefused()
    {
        _driver.Describe(VirtioDriver.Buffers, 0, VirtioDriver.Buffers, 16, VirtioDriver.Indirect);
        _driver.Describe(VirtioDriver.Table(1), 0, VirtioDriver.Buffers, 16, VirtioDriver.Indirect);
        _driver.Offer(1, 0);
        AssertBroken();
    }

    [Test]
    public void MoreRequestsThanTheRingHoldsAreRefused()
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_driver.Bytes(VirtioDriver.Available(1) + 2, 2), VirtioDriver.QueueSize + 1);
        _driver.Transport.Write(VirtioDriver.Notify, 1);
        AssertBroken();
    }

    [TestCase(0x080UL, 0)]
    [TestCase(0x090UL, 0)]
    [TestCase(0x0A0UL, 4, TestName = "{m}(the used ring, which is looked at when the work is done)")]
    public void RingsOutsideRamAreRefused(ulong register, int sent)
    {
        _driver.Transport.Write(VirtioDriver.QueueSelect, 1);
        _driver.Transport.Write(VirtioDriver.QueueReady, 0);
        _driver.SetAddress(register, ulong.MaxValue - 0xFFF);
        _driver.Transport.Write(VirtioDriver.QueueReady, 1);
        _driver.Describe(VirtioDriver.Table(1), 0, VirtioDriver.Buffers, 4, 0);
        _driver.Offer(1, 0);
        AssertBroken(sent);
    }

    [TestCase(0U)]
    [TestCase(3U)]
    [TestCase(512U)]
    public void SizesOfQueuesThatDoNotExistAreIgnored(uint size)
    {
        _driver.Transport.Write(VirtioDriver.QueueSelect, 1);
        _driver.Transport.Write(VirtioDriver.QueueReady, 0);
        _driver.Transport.Write(VirtioDriver.QueueNum, size);
        _driver.Transport.Write(VirtioDriver.QueueReady, 1);
        _driver.Describe(VirtioDriver.Table(1), 0, VirtioDriver.Buffers, 4, 0);
        _driver.Offer(1, 0);
        Assert.That(_port.Written, Has.Count.EqualTo(4));
    }

    [Test]
    public void AQueueThatDoesNotExistIsNeverReady()
    {
        _driver.Transport.Write(VirtioDriver.QueueSelect, 2);
        _driver.Transport.Write(VirtioDriver.QueueReady, 1);
        Assert.That(_driver.Transport.Read(VirtioDriver.QueueReady), Is.Zero);
        Assert.That(_driver.Transport.Read(0x034), Is.Zero);
        _driver.Transport.Write(VirtioDriver.Notify, uint.MaxValue);
        Assert.That(_driver.NeedsReset, Is.False);
    }

    [Test]
    public void AResetMakesADeviceGoodAgain()
    {
        _driver.Offer(1, ushort.MaxValue);
        AssertBroken();
        _driver.Bytes(VirtioDriver.Available(1), 4).Clear();
        _driver.Start(2);

        Assert.That((_driver.NeedsReset, _driver.Line.Level), Is.EqualTo((false, false)));
        _driver.Describe(VirtioDriver.Table(1), 0, VirtioDriver.Buffers, 4, 0);
        _driver.Offer(1, 0);
        Assert.That(_port.Written, Has.Count.EqualTo(4));
    }

    private void AssertBroken(int sent = 0)
    {
        Assert.That(_driver.NeedsReset, Is.True);
        Assert.That(_driver.Transport.Read(VirtioDriver.InterruptStatus) & 2, Is.EqualTo(2), "a configuration change is told");
        Assert.That(_driver.Line.Level, Is.True);
        Assert.That(_port.Written, Has.Count.EqualTo(sent));
    }
}
