using NUnit.Framework;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;

namespace RvJit.Tests.Monitor;

/// <summary>Memory between enclaves (docs/abi/edge-calls.md): who reaches it, who decides, what is left.</summary>
public sealed unsafe class SharedRegionTests
{
    private const ulong Bytes = 1 << 16;
    private const ulong Refused = ulong.MaxValue;
    private const ulong Word = 0x5ec1_2e75;

    private MonitorBoard _board = null!;

    [SetUp]
    public void Boot() => _board = new MonitorBoard(new SecurityMonitorOptions { PmpEntries = 64 });

    [TearDown]
    public void End() => _board.Dispose();

    [Test]
    public void TwoEnclavesShareWhatNoHostReaches()
    {
        (Actor producer, Actor consumer, Actor stranger) = (Inside(), Inside(), Inside());
        ulong region = producer.Call(RuntimeCall.SharedRegionCreate, Bytes);
        Assert.That(consumer.Call(RuntimeCall.SharedRegionMap, region), Is.EqualTo(Refused), "not granted");
        Assert.That(producer.Call(RuntimeCall.SharedRegionGrant, region, consumer.Id, (ulong)Access.Read), Is.Zero);
        ulong at = producer.Call(RuntimeCall.SharedRegionMap, region), there = consumer.Call(RuntimeCall.SharedRegionMap, region);
        Assert.That(producer.World.TryRead(at, out ulong first) ? first : Refused, Is.Zero, "new memory is zero");
        Assert.That(producer.World.TryWrite(at, Word), Is.True);
        _board.HostWorld.TryMap(MonitorBoard.HostAddress, Bytes, region, Access.ReadWrite);
        Assert.Multiple(() =>
        {
            Assert.That(consumer.World.TryRead(there, out ulong seen) ? seen : 0, Is.EqualTo(Word));
            Assert.That(consumer.World.TryWrite(there, 0UL), Is.False, "read only");
            Assert.That(stranger.Call(RuntimeCall.SharedRegionMap, region), Is.EqualTo(Refused));
            Assert.That(_board.HostWorld.TryRead(MonitorBoard.HostAddress, out ulong _), Is.False, "the host");
            Assert.That(_board.HostWorld.TryWrite(MonitorBoard.HostAddress, 0UL), Is.False);
            Assert.That(_board.Hart.Pmp.Grant(region, out _), Is.EqualTo(Access.None));
            Assert.That(_board.AddHart().Pmp.Grant(region, out _), Is.EqualTo(Access.None), "a hart that starts later");
            Assert.That(stranger.Hart.Pmp.Grant(region, out _), Is.EqualTo(Access.None));
        });
    }

    [Test]
    public void WhatIsTakenBackIsGoneAtOnce()
    {
        (Actor owner, Actor other) = (Inside(), Inside());
        ulong region = owner.Call(RuntimeCall.SharedRegionCreate, Bytes);
        owner.Call(RuntimeCall.SharedRegionGrant, region, other.Id, (ulong)Access.ReadWrite);
        ulong at = other.Call(RuntimeCall.SharedRegionMap, region);
        Assert.That(other.World.TryWrite(at, Word), Is.True);
        Assert.That(owner.Call(RuntimeCall.SharedRegionGrant, region, other.Id, (ulong)Access.None), Is.Zero);
        Assert.That(other.World.TryRead(at, out ulong _), Is.False);
        Assert.That(other.Call(RuntimeCall.SharedRegionMap, region), Is.EqualTo(Refused));
    }

    [Test]
    public void ItChangesHandsWithoutACopy()
    {
        (Actor from, Actor to) = (Inside(), Inside());
        ulong region = from.Call(RuntimeCall.SharedRegionCreate, Bytes), at = from.Call(RuntimeCall.SharedRegionMap, region);
        from.World.TryWrite(at, Word);
        Assert.That(from.Call(RuntimeCall.SharedRegionTransfer, region, to.Id), Is.Zero);
        ulong there = to.Call(RuntimeCall.SharedRegionMap, region);
        Assert.Multiple(() =>
        {
            Assert.That(to.World.TryRead(there, out ulong seen) ? seen : 0, Is.EqualTo(Word));
            Assert.That(to.World.TryWrite(there, 1UL), Is.True);
            Assert.That(from.World.TryRead(at, out ulong _), Is.False);
            Assert.That(from.Call(RuntimeCall.SharedRegionGrant, region, to.Id, (ulong)Access.Read), Is.EqualTo(Refused), "no longer its own");
            Assert.That(to.Call(RuntimeCall.SharedRegionLock, region), Is.Zero);
            Assert.That(to.Call(RuntimeCall.SharedRegionTransfer, region, from.Id), Is.EqualTo(Refused), "locked");
            Assert.That(to.Call(RuntimeCall.SharedRegionGrant, region, from.Id, (ulong)Access.Read), Is.EqualTo(Refused), "locked");
        });
    }

    [Test]
    public void ItEndsWithItsOwnerAndLeavesNothing()
    {
        (Actor owner, Actor other) = (Inside(), Inside());
        ulong region = owner.Call(RuntimeCall.SharedRegionCreate, Bytes), at = owner.Call(RuntimeCall.SharedRegionMap, region);
        owner.Call(RuntimeCall.SharedRegionGrant, region, other.Id, (ulong)Access.ReadWrite);
        ulong there = other.Call(RuntimeCall.SharedRegionMap, region);
        owner.World.TryWrite(at, Word);
        owner.Call(RuntimeCall.Exit);
        Assert.That(other.World.TryRead(there, out ulong seen) ? seen : 0, Is.EqualTo(Word), "the owner sleeps, the region does not");
        Assert.That(_board.Monitor.Destroy(_board.Hart, owner.Id).Error, Is.EqualTo(KeystoneError.Success));
        Assert.Multiple(() =>
        {
            Assert.That(other.World.TryRead(there, out ulong _), Is.False);
            Assert.That(_board.Memory.Span(region, (int)Bytes).IndexOfAnyExcept((byte)0), Is.Negative);
            Assert.That(other.Call(RuntimeCall.SharedRegionMap, region), Is.EqualTo(Refused));
            Assert.That(_board.Hart.Pmp.Grant(region, out _), Is.EqualTo(Access.All), "memory like any other");
        });
    }

    [TestCase(0UL)]
    [TestCase(2048UL)]
    [TestCase(3 * 4096UL)]
    [TestCase(2 * SecurityMonitor.LargestSharedRegion)]
    [TestCase(ulong.MaxValue)]
    public void WhatCannotBeARegion(ulong bytes) => Assert.That(Inside().Call(RuntimeCall.SharedRegionCreate, bytes), Is.EqualTo(Refused));

    [Test]
    public void OnlyEnclavesAndOnlySoMany()
    {
        Actor enclave = Inside();
        Assert.That(_board.Monitor.CreateSharedRegion(_board.Hart, Bytes).Error, Is.EqualTo(KeystoneError.SbiProhibited), "a host");
        ulong first = 0;
        for (int i = 0; i < SecurityMonitor.MostSharedRegions; i++)
            first = enclave.Call(RuntimeCall.SharedRegionCreate, 4096);
        Assert.Multiple(() =>
        {
            Assert.That(enclave.Call(RuntimeCall.SharedRegionCreate, 4096), Is.EqualTo(Refused));
            Assert.That(enclave.Call(RuntimeCall.SharedRegionGrant, first, enclave.Id, 1), Is.EqualTo(Refused), "to itself");
            Assert.That(enclave.Call(RuntimeCall.SharedRegionGrant, first, 99, 1), Is.EqualTo(Refused), "to nobody");
            Assert.That(enclave.Call(RuntimeCall.SharedRegionGrant, first, Inside().Id, (ulong)Access.All), Is.EqualTo(Refused), "to execute");
        });
    }

    [Test]
    public void RegistersAndMemoryComeBack()
    {
        for (int i = 0; i < 100; i++)
        {
            Actor enclave = Inside();
            Assert.That(enclave.Call(RuntimeCall.SharedRegionCreate, Bytes), Is.Not.EqualTo(Refused), $"{i}");
            enclave.Call(RuntimeCall.Exit);
            Assert.That(_board.Monitor.Destroy(_board.Hart, enclave.Id).Error, Is.EqualTo(KeystoneError.Success));
        }
    }

    /// <summary>An enclave that runs on a hart of its own.</summary>
    private Actor Inside()
    {
        Hart hart = _board.AddHart();
        ulong id = _board.Monitor.Create(_board.Hart, _board.LoadSmall(epmBytes: 1 << 18)).Value;
        _board.Monitor.Run(hart, id, _board);
        return new Actor(hart, id, hart.World);
    }

    private sealed record Actor(Hart Hart, ulong Id, World World)
    {
        /// <summary>The eapp executes an ecall; a0 afterwards.</summary>
        public ulong Call(ulong number, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0)
        {
            ulong* x = Hart.State->X;
            (x[10], x[11], x[12], x[17]) = (a0, a1, a2, number);
            World.TrapHandler!.Handle(Hart, new Trap(TrapCause.EnvironmentCallFromU, 0));
            return x[10];
        }
    }
}
