using NUnit.Framework;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.EdgeCalls;

namespace RvJit.Tests.Monitor.EdgeCalls;

/// <summary>The monitor's part of asynchronous edge calls: layout, directions, states, doors (docs/abi/edge-calls.md).</summary>
public sealed unsafe class EdgeCallRegionTests
{
    private const ulong UtmBytes = 1 << 17;

    // Linux's numbers, asm-generic/unistd.h.
    private const ulong Munmap = 215;
    private const ulong Mprotect = 226;

    private static readonly EdgeCallShape _shape = new(OcallLanes: 2, EcallLanes: 1, Log2Entries: 4);

    private MonitorBoard _board = null!;

    [SetUp]
    public void Boot() => _board = new MonitorBoard();

    [TearDown]
    public void End() => _board.Dispose();

    [Test]
    public void TheRegionIsTheUpperHalfOfTheUtm()
    {
        ulong id = Create(out EnclaveCreateArguments layout);
        Assert.That(_board.Monitor.SetUpEdgeCalls(_board.Hart, id, _shape).Error, Is.EqualTo(KeystoneError.Success));
        EdgeCallRegion region = _board.Monitor.EdgeCallRegionOf(id)!;
        AecHeader header = region.Header;
        (uint hostControl, uint enclaveControl) = (header.Off[(int)AecZone.HostControl], header.Off[(int)AecZone.EnclaveControl]);
        uint enclaveEnd = header.Off[(int)AecZone.EnclaveData] + header.Len[(int)AecZone.EnclaveData];
        uint hostEnd = header.Off[(int)AecZone.HostData] + header.Len[(int)AecZone.HostData];
        (uint Magic, AecState State, ushort, ushort, ushort) told = (header.Magic, header.State, header.NOsq, header.NEsq, header.Log2Entries);
        uint length = header.RegionLen;
        Assert.Multiple(() =>
        {
            Assert.That((region.Address, region.Length), Is.EqualTo((layout.UtmAddress + (UtmBytes / 2), UtmBytes / 2)));
            Assert.That(told, Is.EqualTo((AecAbi.Magic, AecState.Initial, (ushort)2, (ushort)1, (ushort)4)));
            Assert.That(length, Is.EqualTo(UtmBytes / 2));
            Assert.That(hostControl, Is.Zero);
            Assert.That(enclaveControl, Is.EqualTo((UtmBytes / 4) + 4096));
            Assert.That(enclaveEnd, Is.EqualTo(UtmBytes / 2));
            Assert.That(hostEnd, Is.EqualTo(UtmBytes / 4));
        });
    }

    [TestCase(1UL << 16, 1, 1, 4, KeystoneError.IllegalArgument, Description = "a region has at least 64 KiB")]
    [TestCase(3UL << 16, 1, 1, 4, KeystoneError.IllegalArgument, Description = "no power of two")]
    [TestCase(UtmBytes, 0, 0, 4, KeystoneError.IllegalArgument)]
    [TestCase(UtmBytes, 65, 1, 4, KeystoneError.IllegalArgument)]
    [TestCase(UtmBytes, 1, 1, 3, KeystoneError.IllegalArgument)]
    [TestCase(UtmBytes, 1, 1, 13, KeystoneError.IllegalArgument)]
    [TestCase(UtmBytes, 8, 8, 6, KeystoneError.IllegalArgument, Description = "the lanes do not fit")]
    [TestCase(UtmBytes, 1, 0, 4, KeystoneError.Success)]
    public void WhatCannotBeARegion(ulong utm, int ocalls, int ecalls, int log2, KeystoneError expected)
    {
        EnclaveCreateArguments layout = _board.Load([1], [1], EnclaveImage.SmallEapp(), 1 << 20, 1 << 18) with { UtmSize = utm };
        if (utm == 3UL << 16)
            Assert.That(_board.Monitor.Create(_board.Hart, layout).Error, Is.Not.EqualTo(KeystoneError.Success));
        else
            Assert.That(SetUp(_board.Monitor.Create(_board.Hart, layout).Value, new EdgeCallShape((ushort)ocalls, (ushort)ecalls, (ushort)log2)), Is.EqualTo(expected));
    }

    [Test]
    public void OnlyOnceAndNotWhileItRuns()
    {
        ulong id = Create(out _);
        Assert.That(SetUp(99), Is.EqualTo(KeystoneError.InvalidId));
        Assert.That(SetUp(id), Is.EqualTo(KeystoneError.Success));
        Assert.That(SetUp(id), Is.EqualTo(KeystoneError.NotFresh));
        ulong second = Create(out _);
        _board.Run(second);
        Assert.That(SetUp(second), Is.EqualTo(KeystoneError.SbiProhibited), "from inside");
        Hart other = _board.AddHart();
        Assert.That(_board.Monitor.SetUpEdgeCalls(other, second, _shape).Error, Is.EqualTo(KeystoneError.NotFresh));
    }

    [Test]
    public void EachSideWritesItsOwnHalf()
    {
        ulong id = Create(out _);
        ulong stranger = Create(out _);
        SetUp(id);
        EdgeCallRegion region = _board.Monitor.EdgeCallRegionOf(id)!;
        Hart host = _board.AddHart(); // started afterwards
        AssertDirections(_board.Hart, region, Access.All, Access.Read);
        AssertDirections(host, region, Access.All, Access.Read);

        _board.Run(id);
        AssertDirections(_board.Hart, region, Access.Read, Access.ReadWrite);
        AssertDirections(host, region, Access.All, Access.Read);
        _board.Ecall(RvJit.Monitor.Runtime.RuntimeCall.Ocall, 9);
        AssertDirections(_board.Hart, region, Access.All, Access.Read);

        _board.Run(stranger);
        AssertDirections(_board.Hart, region, Access.None, Access.None);
    }

    [Test]
    public void TheHostsWorldObeys()
    {
        ulong id = Create(out _);
        SetUp(id);
        EdgeCallRegion region = _board.Monitor.EdgeCallRegionOf(id)!;
        _board.HostWorld.TryMap(MonitorBoard.HostAddress, region.Length, region.Address, Access.ReadWrite);
        ulong upper = MonitorBoard.HostAddress + (region.Length / 2);
        Assert.Multiple(() =>
        {
            Assert.That(_board.HostWorld.TryWrite(MonitorBoard.HostAddress, 1UL), Is.True);
            Assert.That(_board.HostWorld.TryWrite(upper, 1UL), Is.False, "the header");
            Assert.That(_board.HostWorld.TryWrite(upper + 4096, 1UL), Is.False);
            Assert.That(_board.HostWorld.TryRead(upper, out uint magic), Is.True);
            Assert.That(magic, Is.EqualTo(AecAbi.Magic));
        });
    }

    [Test]
    public void TheEappAttachesAndCannotWriteTheHostsHalfOrTheHeader()
    {
        ulong id = Create(out _);
        SetUp(id);
        _board.Run(id);
        ulong answer = StackWord();
        Assert.That(_board.Ecall(AecAbi.RuntimeSetup, answer), Is.Zero);
        World world = _board.EnclaveWorld;
        Assert.That(world.TryRead(answer, out AecAttachment attachment), Is.True);
        ulong upper = attachment.Base + (attachment.Len / 2);
        Assert.Multiple(() =>
        {
            Assert.That(attachment.Len, Is.EqualTo(UtmBytes / 2));
            Assert.That(world.TryWrite(attachment.Base, 1UL), Is.False);
            Assert.That(world.TryWrite(upper, 1UL), Is.False);
            Assert.That(world.TryWrite(upper + 4096, 1UL), Is.True);
            Assert.That(_board.Monitor.EdgeCallRegionOf(id)!.State, Is.EqualTo(AecState.Live));
            Assert.That((long)_board.Ecall(AecAbi.RuntimeSetup, answer), Is.EqualTo((long)AecStatus.Gone), "once");
        });
    }

    [Test]
    public void SynchronousCallsKeepTheLowerHalf()
    {
        ulong id = Create(out EnclaveCreateArguments layout);
        SetUp(id);
        _board.Run(id);
        ulong data = StackWord();
        _board.EnclaveWorld.TryWrite(data, 0x1234UL);
        _board.Ecall(RvJit.Monitor.Runtime.RuntimeCall.Ocall, 9, data, 8);
        Assert.That(_board.Returned!.Value.Error, Is.EqualTo(KeystoneError.EdgeCallHost));
        Assert.That(BitConverter.ToUInt64(_board.Utm(layout)[48..]), Is.EqualTo(0x1234));
    }

    [Test]
    public void ASealedTableStaysAsItIs()
    {
        byte[] eapp = EnclaveImage.Build(0x1_0000, [new ImageSegment(0x1_0000, new byte[4096], 4096, ImageSegment.Read | ImageSegment.Execute), new ImageSegment(0x1_1000, new byte[4096], 4096, ImageSegment.Read | ImageSegment.Write)]);
        EnclaveCreateArguments layout = _board.Load([1], [1], eapp, 1 << 20, UtmBytes);
        ulong id = _board.Monitor.Create(_board.Hart, layout).Value;
        SetUp(id);
        _board.Run(id);
        EdgeCallRegion region = _board.Monitor.EdgeCallRegionOf(id)!;
        Assert.That((long)_board.Ecall(AecAbi.RuntimeSetTable, 0x1_1000, 4096), Is.EqualTo((long)AecStatus.NotPermitted), "not attached");
        _board.Ecall(AecAbi.RuntimeSetup, StackWord());
        Assert.That((long)_board.Ecall(AecAbi.RuntimeSetTable, 0x1_1008, 4096), Is.EqualTo((long)AecStatus.Invalid));
        Assert.That(_board.Ecall(AecAbi.RuntimeSetTable, 0x1_1000, 4096), Is.Zero);
        Assert.Multiple(() =>
        {
            Assert.That(region.TableHash.Length, Is.EqualTo(64));
            Assert.That(region.Header.MaxFunc, Is.EqualTo(64));
            Assert.That(_board.EnclaveWorld.TryWrite(0x1_1000, 1UL), Is.False);
            Assert.That((long)_board.Ecall(Mprotect, 0x1_1000, 4096, 3), Is.EqualTo(-1));
            Assert.That((long)_board.Ecall(Munmap, 0x1_0000, 8192), Is.EqualTo(-1));
            Assert.That(_board.EnclaveWorld.TryWrite(0x1_1000, 1UL), Is.False);
            Assert.That((long)_board.Ecall(AecAbi.RuntimeSetTable, 0x1_1000, 4096), Is.EqualTo((long)AecStatus.NotPermitted), "once");
        });
    }

    [Test]
    public void TheEndIsTold()
    {
        ulong id = Create(out EnclaveCreateArguments layout);
        SetUp(id);
        EdgeCallRegion region = _board.Monitor.EdgeCallRegionOf(id)!;
        uint generation = region.Generation;
        _board.Run(id);
        Hart host = _board.AddHart();
        Assert.That(_board.Monitor.TearDownEdgeCalls(host, id).Error, Is.EqualTo(KeystoneError.Success));
        Assert.Multiple(() =>
        {
            Assert.That(region.Header.State, Is.EqualTo(AecState.Draining));
            Assert.That(region.Generation, Is.EqualTo(generation + 1));
            Assert.That(_board.Hart.Requests, Is.EqualTo(HartRequests.Interrupt), "the enclave's hart is called back");
            Assert.That((AecState)_board.Ecall(AecAbi.RuntimeWait, (ulong)AecDoorAction.Sleep), Is.EqualTo(AecState.Draining), "nobody sleeps on");
        });
        _board.Ecall(RvJit.Monitor.Runtime.RuntimeCall.Exit, 0);
        Assert.That(_board.Monitor.Destroy(_board.Hart, id).Error, Is.EqualTo(KeystoneError.Success));
        Assert.That(region.State, Is.EqualTo(AecState.Dead));
        Assert.That(_board.Utm(layout).IndexOfAnyExcept((byte)0), Is.Negative, "nothing of it is left");
        Assert.That(_board.Monitor.RingEnclave(_board.Hart, id), Is.EqualTo(new SbiReturn(KeystoneError.InvalidId, (ulong)AecState.Dead)));
        AssertDirections(_board.Hart, region, Access.All, Access.All);
    }

    [Test]
    public void RegistersComeBack()
    {
        for (int i = 0; i < 40; i++)
        {
            EnclaveCreateArguments layout = _board.LoadSmall(epmBytes: 1 << 18, utmBytes: UtmBytes);
            ulong id = _board.Monitor.Create(_board.Hart, layout).Value;
            Assert.That(SetUp(id), Is.EqualTo(KeystoneError.Success), $"{i}");
            Assert.That(_board.Monitor.Destroy(_board.Hart, id).Error, Is.EqualTo(KeystoneError.Success));
        }
    }

    [Test]
    public void ARingBeforeTheSleepEndsIt()
    {
        var door = new EdgeCallDoor();
        object sleeper = new();
        door.Ring();
        Assert.Multiple(() =>
        {
            Assert.That(door.Sleep(sleeper, () => false, Timeout.InfiniteTimeSpan), Is.True);
            Assert.That(door.Sleep(sleeper, () => false, TimeSpan.FromMilliseconds(1)), Is.False);
            Assert.That(door.Sleep(sleeper, () => true, Timeout.InfiniteTimeSpan), Is.False);
        });
    }

    [Test]
    public void ARingWakesEverySleeper()
    {
        var door = new EdgeCallDoor();
        Task<bool>[] sleepers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => door.Sleep(new object(), () => false, TimeSpan.FromSeconds(60))))];
        while (!sleepers.All(s => s.IsCompleted))
        {
            door.Ring();
            Thread.Yield();
        }

        Assert.That(sleepers.Select(s => s.Result), Is.All.True);
    }

    private ulong Create(out EnclaveCreateArguments layout)
    {
        layout = _board.LoadSmall(utmBytes: UtmBytes);
        SbiReturn created = _board.Monitor.Create(_board.Hart, layout);
        Assert.That(created.Error, Is.EqualTo(KeystoneError.Success));
        return created.Value;
    }

    private KeystoneError SetUp(ulong id, EdgeCallShape? shape = null) => _board.Monitor.SetUpEdgeCalls(_board.Hart, id, shape ?? _shape).Error;

    private static ulong StackWord() => RvJit.Monitor.Runtime.EnclaveAddressSpace.StackTop - 64;

    private static void AssertDirections(Hart hart, EdgeCallRegion region, Access lower, Access upper) => Assert.Multiple(() =>
    {
        Assert.That(hart.Pmp.Grant(region.Address, out _), Is.EqualTo(lower));
        Assert.That(hart.Pmp.Grant(region.Upper, out _), Is.EqualTo(upper));
    });
}
