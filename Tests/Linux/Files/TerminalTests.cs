using NUnit.Framework;
using RvJit.Guest.Linux;

namespace RvJit.Tests.Linux.Files;

public sealed class TerminalTests
{
    private const int Ioctl = 29;
    private const int Read = 63;
    private const int Write = 64;

    [Test]
    public void ATerminalIsSetAndAsked()
    {
        using var bench = new SyscallBench();
        (_, ulong terminal) = Open(bench);
        ulong termios = bench.Room(64);
        bench.World.TryWrite(termios + 36, 0xdead_beef);
        Assert.That(bench.Call(Ioctl, terminal, 0x5401, termios), Is.Zero, "TCGETS");
        Assert.That(bench.At<uint>(termios + 36), Is.EqualTo(0xdead_beef), "the kernel's struct is 36 bytes");
        uint local = bench.At<uint>(termios + 12);
        Assert.That(local & 8, Is.Not.Zero, "ECHO");
        bench.World.TryWrite(termios + 12, local & ~8u);
        Assert.That(bench.Call(Ioctl, terminal, 0x5402, termios), Is.Zero, "TCSETS");
        Assert.That(bench.Call(Ioctl, terminal, 0x5401, termios), Is.Zero);
        Assert.That(bench.At<uint>(termios + 12), Is.EqualTo(local & ~8u));

        ulong size = bench.Data([50, 0, 132, 0, 0, 0, 0, 0]);
        ulong now = bench.Room(8);
        Assert.That(bench.Call(Ioctl, terminal, 0x5414, size), Is.Zero, "TIOCSWINSZ");
        Assert.That(bench.Call(Ioctl, terminal, 0x5413, now), Is.Zero, "TIOCGWINSZ");
        Assert.That(bench.BytesAt(now, 8), Is.EqualTo(bench.BytesAt(size, 8)));
        Assert.That(bench.Call(Ioctl, terminal, 0x5413, SyscallBench.ReadOnly), Is.EqualTo(-Errno.EFAULT));
    }

    [Test]
    public void ABlockedTerminalReadGetsItsLineOrIsInterrupted()
    {
        using var bench = new SyscallBench();
        (ulong master, ulong terminal) = Open(bench);
        ulong buffer = bench.Room(64);
        ulong line = bench.Text("line\n");
        Task<long> reader = Task.Run(() => bench.Call(Read, terminal, buffer, 64));
        Assert.That(reader.Wait(30), Is.False);
        Assert.That(bench.Call(Write, master, line, 5), Is.EqualTo(5));
        Assert.That(reader.Result, Is.EqualTo(5));
        reader = Task.Run(() => bench.Call(Read, terminal, buffer, 64));
        Assert.That(reader.Wait(30), Is.False);
        bench.Interrupt();
        Assert.That(reader.Result, Is.EqualTo(-Errno.ERESTARTSYS));
    }

    private static (ulong Master, ulong Terminal) Open(SyscallBench bench)
    {
        const int NoControl = 0x100; // O_NOCTTY
        long master = bench.Open("/dev/ptmx", 2 | NoControl);
        if (master < 0)
            Assert.Ignore("the host has no pseudo-terminals");
        ulong zero = bench.Words(0);
        Assert.That(bench.Call(Ioctl, (ulong)master, 0x40045431, zero), Is.Zero, "TIOCSPTLCK");
        Assert.That(bench.Call(Ioctl, (ulong)master, 0x80045430, zero), Is.Zero, "TIOCGPTN");
        long terminal = bench.Open($"/dev/pts/{bench.At<int>(zero)}", 2 | NoControl);
        Assert.That(terminal, Is.GreaterThan(0));
        return ((ulong)master, (ulong)terminal);
    }
}
