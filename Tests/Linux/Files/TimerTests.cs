using NUnit.Framework;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Signals;

namespace RvJit.Tests.Linux.Files;

public sealed class TimerTests
{
    private const int GetInterval = 102;
    private const int SetInterval = 103;
    private const int Create = 107;
    private const int GetTimer = 108;
    private const int SetTimer = 110;
    private const int Delete = 111;

    [Test]
    public void AnAlarmBecomesASignal()
    {
        using var bench = new SyscallBench();
        ulong before = bench.Words(1, 1, 1, 1);
        Assert.That(bench.Call(SetInterval, 0, bench.Words(0, 0, 0, 500_000), before), Is.Zero);
        Assert.That(bench.BytesAt(before, 32), Is.All.Zero, "none was set");
        ulong now = bench.Room(32);
        Assert.That(bench.Call(GetInterval, 0, now), Is.Zero);
        Assert.That(bench.At<ulong>(now + 24), Is.InRange(1UL, 500_000UL));
        Assert.That(Arrives(bench, Signal.SIGALRM), Is.True);
        Assert.That(bench.Call(GetInterval, 0, now), Is.Zero);
        Assert.That(bench.BytesAt(now, 32), Is.All.Zero, "it was for once");
    }

    [Test]
    public void AnAlarmIsCalledOff()
    {
        using var bench = new SyscallBench();
        Assert.That(bench.Call(SetInterval, 0, bench.Words(5, 0, 100, 0), 0), Is.Zero);
        ulong before = bench.Room(32);
        Assert.That(bench.Call(SetInterval, 0, bench.Words(0, 0, 0, 0), before), Is.Zero);
        Assert.That(bench.At<ulong>(before), Is.EqualTo(5));
        Assert.That(bench.At<ulong>(before + 16), Is.InRange(99UL, 100UL));
        Assert.That(bench.Call(SetInterval, 9, before, 0), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(SetInterval, 0, bench.Words(0, 0, 0, 1_000_000), 0), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(SetInterval, 0, SyscallBench.Unmapped, 0), Is.EqualTo(-Errno.EFAULT));
    }

    [Test]
    public void ATimerSendsItsSignal()
    {
        using var bench = new SyscallBench();
        ulong id = bench.Room(4);
        ulong told = bench.Words(0x1234, Signal.SIGUSR1, 0, 0, 0, 0, 0, 0);
        Assert.That(bench.Call(Create, 1, told, id), Is.Zero);
        ulong timer = (ulong)bench.At<int>(id);
        Assert.That(bench.Call(SetTimer, timer, 0, bench.Words(0, 0, 0, 10_000_000), 0), Is.Zero);
        Assert.That(Arrives(bench, Signal.SIGUSR1), Is.True);
        Assert.That(bench.Call(GetTimer, timer, bench.Room(32)), Is.Zero);
        Assert.That(bench.Call(Delete, timer), Is.Zero);
        Assert.That(bench.Call(Delete, timer), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Create, 1, bench.Words(0, 0x63_0000_0000, 0, 0, 0, 0, 0, 0), id), Is.EqualTo(-Errno.EINVAL), "no such notice");
        Assert.That(bench.Call(Create, 1, 0, SyscallBench.Unmapped), Is.EqualTo(-Errno.EFAULT));
    }

    [Test]
    public void WritingToNobodyRaisesSigpipe()
    {
        using var bench = new SyscallBench();
        ulong pair = bench.Room(8);
        Assert.That(bench.Call(59, pair, 0), Is.Zero);
        Assert.That(bench.Call(57, (ulong)bench.At<int>(pair)), Is.Zero);
        Assert.That(bench.Call(64, (ulong)bench.At<int>(pair + 4), pair, 1), Is.EqualTo(-Errno.EPIPE));
        Assert.That(bench.Thread.Signals.Pending.Mask, Is.EqualTo(Signal.Bit(Signal.SIGPIPE)));
    }

    [Test]
    public void PollWaitsUnderItsOwnMask()
    {
        using var bench = new SyscallBench();
        ulong mask = bench.Words(Signal.Bit(Signal.SIGUSR2));
        Assert.That(bench.Call(73, 0, 0, bench.Words(0, 0), mask, 8), Is.Zero, "ppoll");
        Assert.That(bench.Thread.Signals.Blocked, Is.EqualTo(Signal.Bit(Signal.SIGUSR2)), "until the call is completed");
        Assert.That(bench.Thread.Signals.SavedMask, Is.Zero);
    }

    private static bool Arrives(SyscallBench bench, int signal)
    {
        for (int i = 0; i < 1000; i++)
        {
            if (((bench.Process.Signals.Pending.Mask | bench.Thread.Signals.Pending.Mask) & Signal.Bit(signal)) != 0)
                return true;
            Thread.Sleep(10);
        }

        return false;
    }
}
