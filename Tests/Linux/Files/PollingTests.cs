using System.Diagnostics;
using NUnit.Framework;
using RvJit.Guest.Linux;

namespace RvJit.Tests.Linux.Files;

public sealed class PollingTests
{
    private const int Eventfd = 19;
    private const int EpollCreate = 20;
    private const int EpollControl = 21;
    private const int EpollWait = 22;
    private const int Close = 57;
    private const int Read = 63;
    private const int Write = 64;
    private const int Select = 72;
    private const int Poll = 73;
    private const ulong NoTimeout = unchecked((ulong)-1);

    [Test]
    public void PollTellsWhatIsReady()
    {
        using var bench = new SyscallBench();
        (ulong from, ulong to) = Pipe(bench);
        ulong entries = bench.Data([.. Entry(from, 1), .. Entry(to, 4), .. Entry(99, 1), .. Entry(ulong.MaxValue, 1)]);
        ulong none = bench.Words(0, 0);
        Assert.That(bench.Call(Poll, entries, 4, none), Is.EqualTo(2));
        Assert.That(Returned(bench, entries, 0), Is.Zero);
        Assert.That(Returned(bench, entries, 1), Is.EqualTo(4), "POLLOUT");
        Assert.That(Returned(bench, entries, 2), Is.EqualTo(0x20), "POLLNVAL");
        Assert.That(Returned(bench, entries, 3), Is.Zero, "a negative descriptor is passed over");
        Assert.That(bench.Call(Write, to, entries, 1), Is.EqualTo(1));
        Assert.That(bench.Call(Poll, entries, 1, 0), Is.EqualTo(1));
        Assert.That(Returned(bench, entries, 0), Is.EqualTo(1));
        Assert.That(bench.Call(Close, to), Is.Zero);
        Assert.That(bench.Call(Read, from, bench.Room(8), 8), Is.EqualTo(1));
        Assert.That(bench.Call(Poll, entries, 1, none), Is.EqualTo(1));
        Assert.That(Returned(bench, entries, 0), Is.EqualTo(0x10), "POLLHUP");
        Assert.That(bench.Call(Poll, SyscallBench.Unmapped, 1, none), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(Poll, entries, 1, bench.Words(0, 1_000_000_000)), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Poll, entries, 1, none, bench.Words(0), 4), Is.EqualTo(-Errno.EINVAL), "a mask is 8 bytes");
        Assert.That(bench.Call(Poll, entries, 1 << 30, none), Is.EqualTo(-Errno.EINVAL));
    }

    [Test]
    public void PollWaitsItsTimeAndNoLonger()
    {
        using var bench = new SyscallBench();
        (ulong from, _) = Pipe(bench);
        ulong time = bench.Words(0, 30_000_000);
        var watch = Stopwatch.StartNew();
        Assert.That(bench.Call(Poll, bench.Data(Entry(from, 1)), 1, time), Is.Zero);
        Assert.That(watch.ElapsedMilliseconds, Is.GreaterThanOrEqualTo(30));
        Assert.That(bench.At<ulong>(time + 8), Is.Zero, "nothing is left");
    }

    [Test]
    public void APollWithoutEndIsInterrupted()
    {
        using var bench = new SyscallBench();
        (ulong from, _) = Pipe(bench);
        ulong entries = bench.Data(Entry(from, 1));
        Task<long> waiter = Task.Run(() => bench.Call(Poll, entries, 1, 0));
        Assert.That(waiter.Wait(30), Is.False);
        bench.Interrupt();
        Assert.That(waiter.Result, Is.EqualTo(-Errno.ERESTARTNOHAND));
    }

    [Test]
    public void SelectMarksBits()
    {
        using var bench = new SyscallBench();
        (ulong from, ulong to) = Pipe(bench);
        Assert.That(bench.Call(24, to, 70, 0), Is.EqualTo(70));
        ulong read = bench.Words(1UL << (int)from, 0);
        ulong write = bench.Words(0, 1UL << (70 - 64));
        ulong none = bench.Words(0, 0);
        Assert.That(bench.Call(Select, 71, read, write, 0, none, 0), Is.EqualTo(1));
        Assert.That(bench.At<ulong>(read), Is.Zero);
        Assert.That(bench.At<ulong>(write + 8), Is.EqualTo(1UL << 6));
        Assert.That(bench.Call(Write, to, none, 1), Is.EqualTo(1));
        ulong both = bench.Words(1UL << (int)from);
        Assert.That(bench.Call(Select, from + 1, both, 0, 0, 0, bench.Words(0, 8)), Is.EqualTo(1));
        Assert.That(bench.At<ulong>(both), Is.EqualTo(1UL << (int)from));
        Assert.That(bench.Call(Select, 64, bench.Words(1UL << 60), 0, 0, none, 0), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(Select, 64, SyscallBench.Unmapped, 0, 0, none, 0), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(Select, ulong.MaxValue, 0, 0, 0, none, 0), Is.EqualTo(-Errno.EINVAL));
    }

    [Test]
    public void EpollEventsHaveTheLayoutOfRiscv64()
    {
        using var bench = new SyscallBench();
        (ulong from, ulong to) = Pipe(bench);
        ulong epoll = (ulong)bench.Call(EpollCreate, 0);

        // struct epoll_event is 16 bytes, data at 8: offsetof under riscv64-linux-gnu-gcc and qemu-riscv64.
        const ulong Data = 0x1122_3344_5566_7788;
        ulong wanted = bench.Words(1, Data);
        Assert.That(bench.Call(EpollControl, epoll, 1, from, wanted), Is.Zero, "EPOLL_CTL_ADD");
        Assert.That(bench.Call(EpollControl, epoll, 1, from, wanted), Is.EqualTo(-Errno.EEXIST));
        Assert.That(bench.Call(EpollControl, epoll, 1, to, bench.Words(4, 5)), Is.Zero);
        ulong events = bench.Room(64);
        Assert.That(bench.Call(EpollWait, epoll, events, 4, 0), Is.EqualTo(1));
        Assert.That(bench.At<ulong>(events), Is.EqualTo(4));
        Assert.That(bench.At<ulong>(events + 8), Is.EqualTo(5));
        Assert.That(bench.Call(EpollControl, epoll, 2, to, 0), Is.Zero, "EPOLL_CTL_DEL");
        Assert.That(bench.Call(EpollWait, epoll, events, 4, 0), Is.Zero);
        Assert.That(bench.Call(Write, to, wanted, 1), Is.EqualTo(1));
        Assert.That(bench.Call(EpollWait, epoll, events, 4, NoTimeout), Is.EqualTo(1));
        Assert.That(bench.At<uint>(events), Is.EqualTo(1));
        Assert.That(bench.At<ulong>(events + 8), Is.EqualTo(Data));

        Assert.That(bench.Call(EpollWait, epoll, events, 0, 0), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(EpollWait, epoll, SyscallBench.Unmapped, 4, 0), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(EpollWait, 99, events, 4, 0), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(EpollWait, from, events, 4, 0), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(EpollControl, epoll, 1, 99, wanted), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(EpollControl, epoll, 3, to, wanted), Is.EqualTo(-Errno.ENOENT));
        Assert.That(bench.Call(EpollControl, epoll, 1, to, SyscallBench.Unmapped), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(EpollControl, epoll, 1, (ulong)bench.Open(bench.Write("a", "")), wanted), Is.EqualTo(-Errno.EPERM));
    }

    [Test]
    public void EpollWaitsForWhatComesLater()
    {
        using var bench = new SyscallBench();
        ulong epoll = (ulong)bench.Call(EpollCreate, 0x80000);
        ulong bell = (ulong)bench.Call(Eventfd, 0, 0);
        Assert.That(bench.Call(EpollControl, epoll, 1, bell, bench.Words(1, 7)), Is.Zero);
        ulong events = bench.Room(64);
        ulong one = bench.Words(1);
        Task<long> waiter = Task.Run(() => bench.Call(EpollWait, epoll, events, 4, NoTimeout));
        Assert.That(waiter.Wait(30), Is.False);
        Assert.That(bench.Call(Write, bell, one, 8), Is.EqualTo(8));
        Assert.That(waiter.Result, Is.EqualTo(1));
        Assert.That(bench.Call(Read, bell, events, 8), Is.EqualTo(8));
        waiter = Task.Run(() => bench.Call(EpollWait, epoll, events, 4, NoTimeout));
        Assert.That(waiter.Wait(30), Is.False);
        bench.Interrupt();
        Assert.That(waiter.Result, Is.EqualTo(-Errno.EINTR));
    }

    [Test]
    public void AnEventDescriptorCounts()
    {
        using var bench = new SyscallBench();
        ulong fd = (ulong)bench.Call(Eventfd, 3, 0);
        ulong value = bench.Words(4);
        Assert.That(bench.Call(Write, fd, value, 8), Is.EqualTo(8));
        Assert.That(bench.Call(Read, fd, value, 8), Is.EqualTo(8));
        Assert.That(bench.At<ulong>(value), Is.EqualTo(7));
        ulong once = (ulong)bench.Call(Eventfd, 2, 0x801);
        Assert.That(bench.Call(Read, once, value, 8), Is.EqualTo(8), "EFD_SEMAPHORE");
        Assert.That(bench.At<ulong>(value), Is.EqualTo(1));
        Assert.That(bench.Call(Read, once, value, 8), Is.EqualTo(8));
        Assert.That(bench.Call(Read, once, value, 8), Is.EqualTo(-Errno.EAGAIN), "EFD_NONBLOCK");
        Assert.That(bench.Call(Read, fd, value, 4), Is.EqualTo(-Errno.EINVAL));
    }

    [Test]
    public void ATimerDescriptorRings()
    {
        using var bench = new SyscallBench();
        ulong fd = (ulong)bench.Call(85, 1, 0);
        Assert.That(bench.Call(86, fd, 0, bench.Words(0, 0, 0, 500_000_000), 0), Is.Zero);
        ulong left = bench.Room(32);
        Assert.That(bench.Call(87, fd, left), Is.Zero);
        Assert.That(bench.At<ulong>(left + 24), Is.InRange(1UL, 500_000_000UL));
        ulong count = bench.Room(8);
        Assert.That(bench.Call(Read, fd, count, 8), Is.EqualTo(8), "the read waits");
        Assert.That(bench.At<ulong>(count), Is.EqualTo(1));
        Assert.That(bench.Call(86, fd, 0, bench.Words(0, 0, 0, 1_000_000_000), 0), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(86, fd, 0, SyscallBench.Unmapped, 0), Is.EqualTo(-Errno.EFAULT));
    }

    private static (ulong From, ulong To) Pipe(SyscallBench bench)
    {
        ulong pair = bench.Room(8);
        Assert.That(bench.Call(59, pair, 0), Is.Zero);
        return ((ulong)bench.At<int>(pair), (ulong)bench.At<int>(pair + 4));
    }

    private static byte[] Entry(ulong fd, short events) => [.. BitConverter.GetBytes((int)fd), .. BitConverter.GetBytes(events), 0, 0];

    private static short Returned(SyscallBench bench, ulong entries, int index) => bench.At<short>(entries + (ulong)(index * 8) + 6);
}
