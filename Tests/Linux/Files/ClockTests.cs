using System.Diagnostics;
using NUnit.Framework;
using RvJit.Guest.Linux;

namespace RvJit.Tests.Linux.Files;

public sealed class ClockTests
{
    private const int Nanosleep = 101;
    private const int GetTime = 113;
    private const int GetResolution = 114;
    private const int ClockNanosleep = 115;

    [Test]
    public void ClocksAreTheHosts()
    {
        using var bench = new SyscallBench();
        ulong time = bench.Room(16);
        Assert.That(bench.Call(GetTime, 0, time), Is.Zero);
        Assert.That(bench.At<long>(time), Is.InRange(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 2, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 2));
        foreach (int clock in new[] { 1, 2, 3, 4, 5, 6, 7, -2, -6 })
            Assert.That(bench.Call(GetTime, (ulong)clock, time), Is.Zero, $"clock {clock}");
        Assert.That(bench.Call(GetTime, 99, time), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(GetTime, 1, SyscallBench.ReadOnly), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(GetResolution, 1, time), Is.Zero);
        Assert.That(bench.At<ulong>(time + 8), Is.Not.Zero);
        Assert.That(bench.Call(GetResolution, 1, 0), Is.Zero);
        Assert.That(bench.Call(169, time, 0), Is.Zero, "gettimeofday");
        Assert.That(bench.At<ulong>(time + 8), Is.LessThan(1_000_000UL));
    }

    [Test]
    public void SleepsLastAsLongAsAsked()
    {
        using var bench = new SyscallBench();
        var watch = Stopwatch.StartNew();
        Assert.That(bench.Call(Nanosleep, bench.Words(0, 20_000_000), 0), Is.Zero);
        Assert.That(watch.ElapsedMilliseconds, Is.GreaterThanOrEqualTo(20));
        ulong time = bench.Room(16);
        Assert.That(bench.Call(GetTime, 1, time), Is.Zero);
        ulong until = bench.Words(bench.At<ulong>(time), bench.At<ulong>(time + 8) + 1000);
        Assert.That(bench.Call(ClockNanosleep, 1, 1, until, 0), Is.Zero.Or.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(ClockNanosleep, 1, 1, bench.Words(1, 0), 0), Is.Zero, "long past");
        Assert.That(bench.Call(Nanosleep, bench.Words(0, 1_000_000_000), 0), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Nanosleep, bench.Words(ulong.MaxValue, 0), 0), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Nanosleep, SyscallBench.Unmapped, 0), Is.EqualTo(-Errno.EFAULT));
    }

    [Test]
    public void AnInterruptedSleepTellsWhatWasLeft()
    {
        using var bench = new SyscallBench();
        ulong time = bench.Words(100, 0);
        ulong left = bench.Room(16);
        Task<long> sleeper = Task.Run(() => bench.Call(Nanosleep, time, left));
        Assert.That(sleeper.Wait(30), Is.False);
        bench.Interrupt();
        Assert.That(sleeper.Result, Is.EqualTo(-Errno.EINTR));
        Assert.That(bench.At<long>(left), Is.EqualTo(99));
    }

    [Test]
    public void TheMachineIsDescribed()
    {
        using var bench = new SyscallBench();
        ulong buffer = bench.Room(400);
        Assert.That(bench.Call(160, buffer), Is.Zero, "uname: six names of 65 bytes");
        string[] names = [.. Enumerable.Range(0, 6).Select(i => bench.TextAt(buffer + (ulong)(65 * i), 65).TrimEnd('\0'))];
        Assert.That(names[0], Is.EqualTo("Linux"));
        Assert.That(names[2], Does.StartWith("6."));
        Assert.That(names[4], Is.EqualTo("riscv64"));
        Assert.That(bench.Call(160, SyscallBench.End - 100), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(179, buffer), Is.Zero, "sysinfo");
        Assert.That(bench.At<ulong>(buffer + 32) * bench.At<uint>(buffer + 104), Is.EqualTo(1UL << 20), "totalram: the guest's");
        Assert.That(bench.Call(168, buffer, buffer + 4, 0), Is.Zero, "getcpu");
    }

    [Test]
    public void RandomBytesAreRandom()
    {
        using var bench = new SyscallBench();
        ulong buffer = bench.Room(64);
        Assert.That(bench.Call(278, buffer, 32, 0), Is.EqualTo(32));
        Assert.That(bench.Call(278, buffer + 32, 32, 1), Is.EqualTo(32));
        Assert.That(bench.BytesAt(buffer, 32), Is.Not.EqualTo(bench.BytesAt(buffer + 32, 32)));
        Assert.That(bench.Call(278, buffer, 32, 8), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(278, SyscallBench.Unmapped, 32, 0), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(278, SyscallBench.End - 8, 32, 0), Is.EqualTo(8), "the part that there is");
    }
}
