using NUnit.Framework;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Mapping;
using RvJit.Machine;

namespace RvJit.Tests.Linux;

public sealed class MemoryMapTests
{
    private const ulong Page = 4096;
    private const ulong MiB = 1 << 20;
    private const MapFlags Private = MapFlags.Private | MapFlags.Anonymous;

    private PhysicalMemory _memory = null!;
    private World _world = null!;
    private MemoryMap _map = null!;

    [SetUp]
    public void MakeMap()
    {
        _memory = new PhysicalMemory(256 * MiB);
        _world = new World("test", _memory, new WorldOptions(TrappingFiller: true));
        _map = new MemoryMap(_world, _memory);
        _map.SetHeapStart(0x100000);
    }

    [TearDown]
    public void EverythingGoesBack()
    {
        _map.Clear();
        Assert.That(_memory.TryAllocate(256 * MiB, Page, out _), Is.True, "all physical memory is free again");
        _world.Dispose();
        _memory.Dispose();
    }

    [Test]
    public void MemoryIsZeroedWritableAndGoneAfterUnmap()
    {
        ulong a = Map(0, 3 * Page);
        Assert.That(_world.TryRead(a, out ulong zero), Is.True);
        Assert.That(zero, Is.Zero);
        Assert.That(_world.TryWrite(a + (2 * Page), 5UL), Is.True);
        Assert.That(_map.Unmap(a + Page, Page), Is.Zero);
        Assert.That(_world.TryRead(a + Page, out ulong _), Is.False);
        Assert.That(_world.TryRead(a + (2 * Page), out ulong five), Is.True);
        Assert.That(five, Is.EqualTo(5));
    }

    [Test]
    public void AddressesComeFromTheTopDownAndHolesAreUsedAgain()
    {
        ulong a = Map(0, Page);
        ulong b = Map(0, Page);
        Assert.That(a, Is.EqualTo(UserLayout.MapTop - Page));
        Assert.That(b, Is.EqualTo(a - Page));
        Assert.That(_map.Unmap(a, Page), Is.Zero);
        Assert.That(Map(0, Page), Is.EqualTo(a));
    }

    [Test]
    public void HintsAreTakenWhenFreeAndNeverBelowTheLowestAddress()
    {
        Assert.That(Map(0x500123, Page), Is.EqualTo(0x500000));
        Assert.That(Map(0x500000, Page), Is.EqualTo(UserLayout.MapTop - Page));
        Assert.That(Map(1, Page), Is.EqualTo(UserLayout.MapTop - (2 * Page)), "a null hint is none");
        Assert.That(Map(0x1000, Page), Is.EqualTo(UserLayout.Lowest));
    }

    private static readonly object[] _refused =
    [
        new object[] { 0UL, 0UL, Private, Errno.EINVAL },
        new object[] { 0UL, 1UL << 38, Private, Errno.ENOMEM },
        new object[] { 0UL, ulong.MaxValue, Private, Errno.ENOMEM },
        new object[] { 0UL, 1UL << 37, Private, Errno.ENOMEM },
        new object[] { 0x500001UL, Page, Private | MapFlags.Fixed, Errno.EINVAL },
        new object[] { 0UL, Page, Private | MapFlags.Fixed, Errno.EPERM },
        new object[] { 0xF000UL, Page, Private | MapFlags.Fixed, Errno.EPERM },
        new object[] { 1UL << 38, Page, Private | MapFlags.Fixed, Errno.ENOMEM },
        new object[] { (1UL << 38) - Page, 2 * Page, Private | MapFlags.Fixed, Errno.ENOMEM },
        new object[] { ulong.MaxValue - Page + 1, Page, Private | MapFlags.Fixed, Errno.ENOMEM },
    ];

    [TestCaseSource(nameof(_refused))]
    public void ImpossibleRequestsAreRefused(ulong address, ulong length, MapFlags flags, int errno) =>
        Assert.That(_map.Map(address, length, Access.ReadWrite, flags), Is.EqualTo(-errno));

    [Test]
    public void FixedReplacesAndNoReplaceDoesNot()
    {
        ulong a = Map(0x500000, 4 * Page);
        _ = _world.TryWrite(a, 1UL);
        Assert.That(_map.Map(a + Page, Page, Access.ReadWrite, Private | MapFlags.FixedNoReplace), Is.EqualTo(-Errno.EEXIST));
        Assert.That(_map.Map(a, 2 * Page, Access.ReadWrite, Private | MapFlags.Fixed), Is.EqualTo((long)a));
        Assert.That(_world.TryRead(a, out ulong zero), Is.True);
        Assert.That(zero, Is.Zero);
        Assert.That(_map.Snapshot().Sum(v => (long)v.Length), Is.EqualTo(4 * (long)Page));
    }

    [Test]
    public void RightsChangePageByPage()
    {
        ulong a = Map(0, 4 * Page);
        Assert.That(_map.Protect(a + Page, Page, Access.Read), Is.Zero);
        Assert.That(_world.TryWrite(a + Page, 1UL), Is.False);
        Assert.That(_world.TryWrite(a, 1UL), Is.True);
        Assert.That(_map.Protect(a + Page, Page, Access.None), Is.Zero);
        Assert.That(_world.TryRead(a + Page, out ulong _), Is.False);
        Assert.That(_map.Protect(a, 4 * Page, Access.ReadWrite), Is.Zero);
        Assert.That(_world.TryWrite(a + Page, 1UL), Is.True);
        Assert.That(_map.Snapshot(), Has.Count.EqualTo(1), "one area again");
    }

    [Test]
    public void ProtectionOfAHoleFailsAfterWhatCameBefore()
    {
        ulong a = Map(0, 3 * Page);
        _ = _map.Unmap(a + Page, Page);
        Assert.That(_map.Protect(a, 3 * Page, Access.Read), Is.EqualTo(-Errno.ENOMEM));
        Assert.That(_world.TryWrite(a, 1UL), Is.False);
        Assert.That(_world.TryWrite(a + (2 * Page), 1UL), Is.True);
    }

    [Test]
    public void AReservationLargerThanMemoryIsBackedWherePiecesBecomeAccessible()
    {
        ulong a = Map(0, 64UL << 30, Access.None);
        Assert.That(_map.Protect(a + (1UL << 30), 2 * Page, Access.ReadWrite), Is.Zero);
        Assert.That(_map.Protect(a + (1UL << 30) + (2 * Page), 2 * Page, Access.ReadWrite), Is.Zero);
        Assert.That(_world.TryWrite(a + (1UL << 30) + (2 * Page) - 4, 7UL), Is.True, "pieces are contiguous");
        Assert.That(_world.TryRead(a, out ulong _), Is.False);
        Assert.That(_world.TryFindRun(a + (1UL << 30), out MappedRun run), Is.True);
        Assert.That(run.End - run.Start, Is.EqualTo(4 * Page));
    }

    [Test]
    public void TheHeapGrowsInOneRunAndShrinks()
    {
        Assert.That(_map.Break(0), Is.EqualTo(0x100000));
        Assert.That(_map.Break(0x100010), Is.EqualTo(0x100010));
        for (ulong end = 0x101000; end <= 0x200000; end += Page)
            Assert.That(_map.Break(end), Is.EqualTo((long)end));
        Assert.That(_world.TryFindRun(0x100000, out MappedRun run), Is.True);
        Assert.That(run.End, Is.EqualTo(0x200000));
        _ = _world.TryWrite(0x1FF000, 9UL);
        Assert.That(_map.Break(0x180000), Is.EqualTo(0x180000));
        Assert.That(_world.TryRead(0x1FF000, out ulong _), Is.False);
        Assert.That(_map.Break(0x200000), Is.EqualTo(0x200000));
        Assert.That(_world.TryRead(0x1FF000, out ulong zero) && zero == 0, Is.True);
        Assert.That(_map.Break(0xFFFFF), Is.EqualTo(0x200000), "never below its start");
        Assert.That(_map.Break(1UL << 38), Is.EqualTo(0x200000));
    }

    [Test]
    public void TheHeapStopsBelowWhatIsThere()
    {
        _ = Map(0x180000, Page);
        Assert.That(_map.Break(0x180000), Is.EqualTo(0x100000));
        Assert.That(_map.Break(0x17F000), Is.EqualTo(0x17F000));
    }

    [Test]
    public void MovingKeepsContentsAndGrows()
    {
        ulong a = Map(0x500000, 2 * Page);
        _ = Map(0x502000, Page);
        _ = _world.TryWrite(a + Page, 11UL);
        Assert.That(_map.Move(a, 2 * Page, 8 * Page, MoveFlags.None, 0), Is.EqualTo(-Errno.ENOMEM));
        var b = (ulong)_map.Move(a, 2 * Page, 8 * Page, MoveFlags.MayMove, 0);
        Assert.That(b, Is.Not.EqualTo(a));
        Assert.That(_world.TryRead(b + Page, out ulong eleven) && eleven == 11, Is.True);
        Assert.That(_world.TryWrite(b + (7 * Page), 1UL), Is.True);
        Assert.That(_world.TryRead(a, out ulong _), Is.False);
        Assert.That(_map.Move(b, 8 * Page, Page, MoveFlags.None, 0), Is.EqualTo((long)b));
        Assert.That(_world.TryRead(b + Page, out ulong _), Is.False);
        Assert.That(_map.Move(b, Page, 3 * Page, MoveFlags.None, 0), Is.EqualTo((long)b), "there is room");
        Assert.That(_map.Move(b, 3 * Page, 3 * Page, MoveFlags.MayMove | MoveFlags.Fixed, 0x600000), Is.EqualTo(0x600000));
        Assert.That(_map.Move(0x700000, Page, 2 * Page, MoveFlags.MayMove, 0), Is.EqualTo(-Errno.EFAULT));
    }

    [Test]
    public void DroppedContentsReadAsZero()
    {
        ulong a = Map(0, 2 * Page);
        _ = _world.TryWrite(a, 3UL);
        _ = _world.TryWrite(a + Page, 3UL);
        Assert.That(_map.DropContents(a, Page), Is.Zero);
        Assert.That(_world.TryRead(a, out ulong zero) && zero == 0, Is.True);
        Assert.That(_world.TryRead(a + Page, out ulong three) && three == 3, Is.True);
        Assert.That(_map.DropContents(a, 3 * Page), Is.EqualTo(-Errno.ENOMEM));
    }

    /// <summary>Random operations against a page-by-page model.</summary>
    [Test]
    public void AgreesWithAModel([Values(1, 2, 3, 4, 5)] int seed)
    {
        const int Pages = 64;
        const ulong Base = 0x1000000;
        var random = new Random(seed);
        var model = new (Access Access, byte Value, bool Mapped)[Pages];
        for (int round = 0; round < 2000; round++)
        {
            int first = random.Next(Pages);
            int count = random.Next(1, Pages - first + 1);
            ulong address = Base + ((ulong)first * Page);
            ulong length = (ulong)count * Page;
            Access access = random.Next(4) switch { 0 => Access.None, 1 => Access.Read, _ => Access.ReadWrite };
            switch (random.Next(4))
            {
                case 0:
                    Assert.That(_map.Map(address, length, access, Private | MapFlags.Fixed), Is.EqualTo((long)address));
                    Array.Fill(model, (access, (byte)0, true), first, count);
                    break;
                case 1:
                    Assert.That(_map.Unmap(address, length), Is.Zero);
                    Array.Fill(model, default, first, count);
                    break;
                case 2:
                    long result = _map.Protect(address, length, access);
                    int reach = 0;
                    while (reach < count && model[first + reach].Mapped)
                        model[first + reach++].Access = access;
                    Assert.That(result, Is.EqualTo(reach == count ? 0 : -Errno.ENOMEM));
                    break;
                default:
                    byte value = (byte)random.Next(256);
                    bool written = _world.TryWrite(address, value);
                    Assert.That(written, Is.EqualTo(model[first].Access == Access.ReadWrite));
                    if (written)
                        model[first].Value = value;
                    break;
            }

            int probe = random.Next(Pages);
            bool readable = _world.TryRead(Base + ((ulong)probe * Page), out byte seen);
            Assert.That(readable, Is.EqualTo(model[probe].Access != Access.None), $"round {round}");
            if (readable)
                Assert.That(seen, Is.EqualTo(model[probe].Value), $"round {round}");
        }
    }

    private ulong Map(ulong hint, ulong length, Access access = Access.ReadWrite)
    {
        long result = _map.Map(hint, length, access, Private);
        Assert.That(result, Is.Positive);
        return (ulong)result;
    }
}
