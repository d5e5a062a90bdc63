using NUnit.Framework;
using RvJit.Guest.Linux;

namespace RvJit.Tests.Linux.Files;

public sealed class FileIoTests
{
    private const int Lseek = 62;
    private const int Read = 63;
    private const int Write = 64;
    private const int Readv = 65;
    private const int Writev = 66;
    private const int Pread = 67;
    private const int Pwrite = 68;

    [Test]
    public void AFileIsReadAndItsEndIsSeen()
    {
        using var bench = new SyscallBench();
        ulong fd = (ulong)bench.Open(bench.Write("a", "hello"));
        ulong buffer = bench.Room(64);
        Assert.That(bench.Call(Read, fd, buffer, 3), Is.EqualTo(3));
        Assert.That(bench.Call(Read, fd, buffer + 3, 61), Is.EqualTo(2));
        Assert.That(bench.TextAt(buffer, 5), Is.EqualTo("hello"));
        Assert.That(bench.Call(Read, fd, buffer, 64), Is.Zero);
        Assert.That(bench.Call(Lseek, fd, 1, 0), Is.EqualTo(1));
        Assert.That(bench.Call(Lseek, fd, unchecked((ulong)-9), 1), Is.EqualTo(-Errno.EINVAL));
    }

    [Test]
    public void DescriptorsThatAreNotOpenAreRefused([Values(Read, Write, Readv, Writev, Pread, Pwrite, Lseek)] int number)
    {
        using var bench = new SyscallBench();
        ulong buffer = bench.Room(64);
        Assert.That(bench.Call(number, 99, buffer, 1), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(number, ulong.MaxValue, buffer, 1), Is.EqualTo(-Errno.EBADF));
    }

    [Test]
    public void ADescriptorIsThirtyTwoBits()
    {
        using var bench = new SyscallBench();
        ulong fd = (ulong)bench.Open(bench.Write("a", "hello"));
        Assert.That(bench.Call(Read, fd | 0xdead_beef_0000_0000, bench.Room(8), 5), Is.EqualTo(5));
    }

    [Test]
    public void PointersOutsideMemoryAreFaults()
    {
        using var bench = new SyscallBench();
        ulong fd = (ulong)bench.Open(bench.Write("a", "hello"));
        ulong[] bad = [0, SyscallBench.Unmapped, SyscallBench.End, (1UL << 38) - 1, 1UL << 38, ulong.MaxValue - 3];
        foreach (ulong address in bad)
        {
            Assert.That(bench.Call(Read, fd, address, 4), Is.EqualTo(-Errno.EFAULT), $"read to 0x{address:x}");
            Assert.That(bench.Call(Pread, fd, address, 4, 0), Is.EqualTo(-Errno.EFAULT), $"pread to 0x{address:x}");
            Assert.That(bench.Call(Write, fd, address, 4), Is.EqualTo(-Errno.EFAULT), $"write from 0x{address:x}");
            Assert.That(bench.Call(Readv, fd, address, 1), Is.EqualTo(-Errno.EFAULT), $"readv from 0x{address:x}");
        }

        Assert.That(bench.Call(Read, fd, SyscallBench.ReadOnly, 4), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(Read, fd, bench.Room(8), 5), Is.EqualTo(5), "nothing was consumed");
    }

    [Test]
    public void ABufferThatEndsInNothingIsFilledUpToThere()
    {
        using var bench = new SyscallBench();
        ulong fd = (ulong)bench.Open(bench.Write("a", new string('x', 100)));
        Assert.That(bench.Call(Read, fd, SyscallBench.End - 10, 50), Is.EqualTo(10));
        Assert.That(bench.Call(Lseek, fd, 0, 1), Is.EqualTo(10));

        ulong vectors = bench.Words(SyscallBench.End - 4, 2, SyscallBench.End - 2, 50, bench.Room(8), 8);
        Assert.That(bench.Call(Readv, fd, vectors, 3), Is.EqualTo(4), "2, then the valid 2 of 50, then no more");

        string path = bench.Write("b", "");
        ulong to = (ulong)bench.Open(path, 1);
        bench.Put(SyscallBench.End - 3, "end"u8);
        Assert.That(bench.Call(Write, to, SyscallBench.End - 3, 9), Is.EqualTo(3));
        Assert.That(File.ReadAllText(path), Is.EqualTo("end"));
    }

    [Test]
    public void VectorsAreGatheredAndScattered()
    {
        using var bench = new SyscallBench();
        string path = bench.Write("a", "");
        ulong fd = (ulong)bench.Open(path, 2);
        ulong vectors = bench.Words(bench.Text("abc"), 3, SyscallBench.Unmapped, 0, bench.Text("defg"), 4);
        Assert.That(bench.Call(Writev, fd, vectors, 3), Is.EqualTo(7));
        Assert.That(File.ReadAllText(path), Is.EqualTo("abcdefg"));

        ulong one = bench.Room(8);
        ulong two = bench.Room(8);
        Assert.That(bench.Call(69, fd, bench.Words(one, 2, two, 8), 2, 1), Is.EqualTo(6), "preadv");
        Assert.That(bench.TextAt(one, 2) + bench.TextAt(two, 4), Is.EqualTo("bcdefg"));
        Assert.That(bench.Call(70, fd, bench.Words(bench.Text("XY"), 2), 1, 5), Is.EqualTo(2), "pwritev");
        Assert.That(File.ReadAllText(path), Is.EqualTo("abcdeXY"));
        Assert.That(bench.Call(Readv, fd, vectors, 1025), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Readv, fd, bench.Words(one, ulong.MaxValue), 1), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Readv, fd, vectors, 0), Is.Zero);
    }

    [Test]
    public void PositionedTransfersLeaveThePosition()
    {
        using var bench = new SyscallBench();
        ulong fd = (ulong)bench.Open(bench.Write("a", "hello"), 2);
        ulong buffer = bench.Room(8);
        Assert.That(bench.Call(Pread, fd, buffer, 8, 2), Is.EqualTo(3));
        Assert.That(bench.TextAt(buffer, 3), Is.EqualTo("llo"));
        Assert.That(bench.Call(Pwrite, fd, bench.Text("J"), 1, 0), Is.EqualTo(1));
        Assert.That(bench.Call(Lseek, fd, 0, 1), Is.Zero);
        Assert.That(bench.Call(Pread, fd, buffer, 8, ulong.MaxValue), Is.EqualTo(-Errno.EINVAL));
    }

    [Test]
    public void TheAccessModeIsKept()
    {
        using var bench = new SyscallBench();
        string path = bench.Write("a", "hello");
        ulong buffer = bench.Room(8);
        Assert.That(bench.Call(Write, (ulong)bench.Open(path), buffer, 1), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(Read, (ulong)bench.Open(path, 1), buffer, 1), Is.EqualTo(-Errno.EBADF));
    }

    [Test]
    public void APipeCarriesAndEnds()
    {
        using var bench = new SyscallBench();
        ulong pair = bench.Room(8);
        Assert.That(bench.Call(59, pair, 0), Is.Zero);
        ulong from = (ulong)bench.At<int>(pair);
        ulong to = (ulong)bench.At<int>(pair + 4);
        ulong buffer = bench.Room(16);
        Assert.That(bench.Call(Write, to, bench.Text("ping"), 4), Is.EqualTo(4));
        Assert.That(bench.Call(Read, from, buffer, 16), Is.EqualTo(4));
        Assert.That(bench.Call(Pread, from, buffer, 16, 0), Is.EqualTo(-Errno.ESPIPE));
        Assert.That(bench.Call(57, to), Is.Zero);
        Assert.That(bench.Call(Read, from, buffer, 16), Is.Zero, "all writers are gone");
    }

    [Test]
    public void ANonBlockingPipeDoesNotWait()
    {
        using var bench = new SyscallBench();
        ulong pair = bench.Room(8);
        Assert.That(bench.Call(59, pair, 0x800), Is.Zero);
        ulong from = (ulong)bench.At<int>(pair);
        Assert.That(bench.Call(Read, from, bench.Room(16), 16), Is.EqualTo(-Errno.EAGAIN));
        Assert.That(bench.Call(25, from, 3), Is.EqualTo(0x800), "F_GETFL");
    }

    [Test]
    public void ABlockedReadGetsWhatComesLater()
    {
        using var bench = new SyscallBench();
        ulong pair = bench.Room(8);
        Assert.That(bench.Call(59, pair, 0), Is.Zero);
        ulong from = (ulong)bench.At<int>(pair);
        ulong to = (ulong)bench.At<int>(pair + 4);
        ulong text = bench.Text("late");
        ulong buffer = bench.Room(16);
        Assert.That(bench.Call(25, from, 3), Is.Zero, "F_GETFL shows no O_NONBLOCK");
        Task<long> reader = Task.Run(() => bench.Call(Read, from, buffer, 16));
        Assert.That(reader.Wait(50), Is.False, "it waits");
        Assert.That(bench.Call(Write, to, text, 4), Is.EqualTo(4));
        Assert.That(reader.Result, Is.EqualTo(4));
    }

    [Test]
    public void ABlockedReadEndsWithTheProcess()
    {
        using var bench = new SyscallBench();
        ulong pair = bench.Room(8);
        Assert.That(bench.Call(59, pair, 0), Is.Zero);
        ulong from = (ulong)bench.At<int>(pair);
        ulong buffer = bench.Room(16);
        Task<long> reader = Task.Run(() => bench.Call(Read, from, buffer, 16));
        Assert.That(reader.Wait(50), Is.False, "it waits");
        bench.Interrupt();
        Assert.That(reader.Result, Is.EqualTo(-Errno.ERESTARTSYS));
    }

    [Test]
    public void ALargeBlockingWriteIsWrittenWhole()
    {
        using var bench = new SyscallBench();
        ulong pair = bench.Room(8);
        Assert.That(bench.Call(59, pair, 0), Is.Zero);
        ulong from = (ulong)bench.At<int>(pair);
        ulong to = (ulong)bench.At<int>(pair + 4);
        ulong source = bench.Room(40000);
        ulong sink = bench.Room(4096);
        ulong vectors = bench.Words(source, 40000, source, 40000, source, 40000, source, 40000);
        Task<long> writer = Task.Run(() => bench.Call(Writev, to, vectors, 4));
        for (long left = 160000; left > 0;)
            left -= bench.Call(Read, from, sink, 4096);
        Assert.That(writer.Result, Is.EqualTo(160000));
    }
}
