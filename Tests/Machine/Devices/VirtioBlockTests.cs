using System.Buffers.Binary;
using System.Text;
using NUnit.Framework;
using RvJit.Machine.Devices.Virtio;
using RvJit.Tests.Support;

namespace RvJit.Tests.Machine.Devices;

/// <summary>Requests to a disk, well-formed ones.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class VirtioBlockTests : IDisposable
{
    private const ulong Header = VirtioDriver.Buffers;
    private const ulong Data = VirtioDriver.Buffers + 0x1000;
    private const ulong Status = VirtioDriver.Buffers + 0x800;
    private const int Sectors = 16;
    private const uint In = 0;
    private const uint Out = 1;
    private const uint Flush = 4;
    private const uint GetId = 8;
    private const byte Ok = 0;
    private const byte IoError = 1;
    private const byte Unsupported = 2;

    private readonly TemporaryDirectory _directory = new();
    private readonly string _file;
    private VirtioBlock? _disk;
    private VirtioDriver? _driver;

    public VirtioBlockTests()
    {
        _file = _directory.PathOf("disk");
        File.WriteAllBytes(_file, [.. Enumerable.Range(0, Sectors * 512).Select(i => (byte)(i / 512))]);
    }

    public void Dispose()
    {
        _driver?.Dispose();
        _disk?.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void TellsItsSizeAndFeatures()
    {
        VirtioDriver driver = Open();

        Assert.That(driver.Transport.Read(0x000), Is.EqualTo(0x74726976));
        Assert.That(driver.Transport.Read(0x004), Is.EqualTo(2));
        Assert.That(driver.Transport.Read(0x008), Is.EqualTo(2));
        Assert.That(driver.Transport.Read(VirtioDriver.Configuration, 8), Is.EqualTo(Sectors));
        Assert.That(driver.Transport.Read(VirtioDriver.Configuration + 20), Is.EqualTo(512));
        Assert.That(driver.Transport.Read(VirtioDriver.Configuration + 0x800, 1), Is.Zero);
        driver.Transport.Write(VirtioDriver.DeviceFeatureSelect, 0);
        Assert.That(driver.Transport.Read(VirtioDriver.DeviceFeatures) & (1 << 9 | 1 << 5), Is.EqualTo(1 << 9), "flush, not read-only");
    }

    [Test]
    public void ReadsSectors()
    {
        VirtioDriver driver = Open();
        Assert.That(Request(In, 3, 1024), Is.EqualTo(Ok));

        Assert.That(driver.Bytes(Data, 512).ToArray(), Is.All.EqualTo(3));
        Assert.That(driver.Bytes(Data + 512, 512).ToArray(), Is.All.EqualTo(4));
        Assert.That(driver.UsedLength(0), Is.EqualTo(1025));
        Assert.That(driver.Line.Level, Is.True);
        driver.Transport.Write(VirtioDriver.InterruptAcknowledge, driver.Transport.Read(VirtioDriver.InterruptStatus));
        Assert.That(driver.Line.Level, Is.False);
    }

    [Test]
    public void WritesSectorsAndFlushes()
    {
        VirtioDriver driver = Open();
        driver.Bytes(Data, 512).Fill(0xEE);

        Assert.That(Request(Out, 5, 512), Is.EqualTo(Ok));
        Assert.That(Request(Flush, 0, 0), Is.EqualTo(Ok));

        driver.Dispose();
        _disk!.Dispose();
        byte[] bytes = File.ReadAllBytes(_file);
        Assert.That(bytes[(5 * 512)..(6 * 512)], Is.All.EqualTo(0xEE));
        Assert.That(bytes[6 * 512], Is.EqualTo(6));
        Assert.That(bytes[(5 * 512) - 1], Is.EqualTo(4));
    }

    [Test]
    public void TellsItsName()
    {
        VirtioDriver driver = Open();
        Assert.That(Request(GetId, 0, 20), Is.EqualTo(Ok));
        Assert.That(Encoding.ASCII.GetString(driver.Bytes(Data, 20)).TrimEnd('\0'), Is.EqualTo("name"));
    }

    [TestCase(In, (ulong)Sectors, 512U)]
    [TestCase(In, (ulong)Sectors - 1, 1024U)]
    [TestCase(In, ulong.MaxValue, 512U)]
    [TestCase(Out, ulong.MaxValue / 512, 512U)]
    [TestCase(In, 0UL, 100U)]
    [TestCase(Out, 0UL, 511U)]
    public void WhatIsNotOnTheDiskIsAnError(uint type, ulong sector, uint bytes)
    {
        Open();
        Assert.That(Request(type, sector, bytes), Is.EqualTo(IoError));
    }

    [TestCase(2U)]
    [TestCase(11U)]
    [TestCase(uint.MaxValue)]
    public void UnknownRequestsAreUnsupported(uint type)
    {
        Open();
        Assert.That(Request(type, 0, 512), Is.EqualTo(Unsupported));
    }

    [Test]
    public void AReadOnlyDiskSaysSoAndRefusesWrites()
    {
        VirtioDriver driver = Open(readOnly: true);
        driver.Transport.Write(VirtioDriver.DeviceFeatureSelect, 0);
        Assert.That(driver.Transport.Read(VirtioDriver.DeviceFeatures) & (1 << 5), Is.Not.Zero);

        Assert.That(Request(Out, 0, 512), Is.EqualTo(IoError));
        Assert.That(Request(In, 1, 512), Is.EqualTo(Ok));
    }

    /// <summary>The driver may cut a request as it likes (VIRTIO 1.2, "Message Framing").</summary>
    [Test]
    public void TheRequestMayBeCutAnywhere()
    {
        VirtioDriver driver = Open();
        ulong table = VirtioDriver.Table(0);
        WriteHeader(In, 7);
        driver.Describe(table, 0, Header, 3, VirtioDriver.Next, 1);
        driver.Describe(table, 1, Header + 3, 13, VirtioDriver.Next, 2);
        driver.Describe(table, 2, Data, 500, VirtioDriver.Next | VirtioDriver.Writable, 3);
        driver.Describe(table, 3, Data + 500, 13, VirtioDriver.Writable);
        driver.Offer(0, 0);

        Assert.That(driver.UsedCount(0), Is.EqualTo(1));
        Assert.That(driver.Bytes(Data, 512).ToArray(), Is.All.EqualTo(7));
        Assert.That(driver.Bytes(Data + 512, 1)[0], Is.EqualTo(Ok));
    }

    [Test]
    public void ATableOfDescriptorsMayStandElsewhere()
    {
        VirtioDriver driver = Open();
        const ulong Table = VirtioDriver.Buffers + 0x4000;
        WriteHeader(In, 2);
        driver.Describe(Table, 0, Header, 16, VirtioDriver.Next, 2);
        driver.Describe(Table, 2, Data, 512, VirtioDriver.Next | VirtioDriver.Writable, 1);
        driver.Describe(Table, 1, Status, 1, VirtioDriver.Writable);
        driver.Describe(VirtioDriver.Table(0), 4, Table, 48, VirtioDriver.Indirect);
        driver.Offer(0, 4);

        Assert.That(driver.Bytes(Data, 512).ToArray(), Is.All.EqualTo(2));
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(driver.Bytes(VirtioDriver.Used(0) + 4, 4)), Is.EqualTo(4));
    }

    [Test]
    public void NoInterruptWhenTheDriverWantsNone()
    {
        VirtioDriver driver = Open();
        driver.Bytes(VirtioDriver.Available(0), 1)[0] = 1;
        Assert.That(Request(In, 0, 512), Is.EqualTo(Ok));
        Assert.That(driver.Line.Level, Is.False);
    }

    [Test]
    public void TheRingsGoRound()
    {
        Open();
        for (int i = 0; i < 100; i++)
            Assert.That(Request(In, (ulong)(i % Sectors), 512), Is.EqualTo(Ok));
        Assert.That(_driver!.UsedCount(0), Is.EqualTo(100));
    }

    private VirtioDriver Open(bool readOnly = false)
    {
        _disk = new VirtioBlock(File.OpenHandle(_file, access: readOnly ? FileAccess.Read : FileAccess.ReadWrite), readOnly, "name");
        return _driver = new VirtioDriver(_disk);
    }

    private void WriteHeader(uint type, ulong sector)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_driver!.Bytes(Header, 4), type);
        BinaryPrimitives.WriteUInt64LittleEndian(_driver.Bytes(Header + 8, 8), sector);
    }

    /// <summary>One request in three descriptors, as drivers write it; returns its status.</summary>
    private byte Request(uint type, ulong sector, uint bytes)
    {
        ulong table = VirtioDriver.Table(0);
        WriteHeader(type, sector);
        _driver!.Bytes(Status, 1)[0] = 0xFF;
        _driver.Describe(table, 0, Header, 16, VirtioDriver.Next, (ushort)(bytes > 0 ? 1 : 2));
        _driver.Describe(table, 1, Data, bytes, (ushort)(VirtioDriver.Next | (type is Out ? 0 : VirtioDriver.Writable)), 2);
        _driver.Describe(table, 2, Status, 1, VirtioDriver.Writable);
        _driver.Offer(0, 0);
        return _driver.Bytes(Status, 1)[0];
    }
}
