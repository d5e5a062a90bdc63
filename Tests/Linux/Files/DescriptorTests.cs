using System.Runtime.Versioning;
using NUnit.Framework;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;

namespace RvJit.Tests.Linux.Files;

[UnsupportedOSPlatform("windows")]
public sealed class DescriptorTests
{
    private const int Dup = 23;
    private const int Dup3 = 24;
    private const int Fcntl = 25;
    private const int Close = 57;
    private const int Lseek = 62;
    private const int CloseRange = 436;
    private const ulong CloseOnExec = 0x80000;
    private const ulong GetDescriptorFlags = 1;
    private const ulong SetDescriptorFlags = 2;
    private const ulong GetStatusFlags = 3;
    private const ulong SetStatusFlags = 4;

    [Test]
    public void TheLowestFreeNumberIsGiven()
    {
        using var bench = new SyscallBench();
        string path = bench.Write("a", "hello");
        Assert.That(bench.Open(path), Is.EqualTo(3));
        Assert.That(bench.Open(path), Is.EqualTo(4));
        Assert.That(bench.Open(path), Is.EqualTo(5));
        Assert.That(bench.Call(Close, 4), Is.Zero);
        Assert.That(bench.Open(path), Is.EqualTo(4));
        Assert.That(bench.Open(path), Is.EqualTo(6));
        Assert.That(bench.Call(Fcntl, 3, 0, 5), Is.EqualTo(7), "F_DUPFD from 5");
        Assert.That(bench.Call(Fcntl, 3, 0, 200), Is.EqualTo(200));
        Assert.That(bench.Call(Close, 5), Is.Zero);
        Assert.That(bench.Call(Dup, 3), Is.EqualTo(5));
        Assert.That(bench.Call(Close, 5), Is.Zero);
        Assert.That(bench.Call(Close, 5), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(Dup, 5), Is.EqualTo(-Errno.EBADF));
    }

    [Test]
    public void DuplicatesShareTheirPosition()
    {
        using var bench = new SyscallBench();
        ulong fd = (ulong)bench.Open(bench.Write("a", "hello"));
        ulong copy = (ulong)bench.Call(Dup, fd);
        Assert.That(bench.Call(Lseek, fd, 3, 0), Is.EqualTo(3));
        Assert.That(bench.Call(Lseek, copy, 0, 1), Is.EqualTo(3));
        Assert.That(bench.Call(Close, fd), Is.Zero);
        Assert.That(bench.Call(Lseek, copy, 0, 1), Is.EqualTo(3), "the description is still open");
    }

    [Test]
    public void CloseOnExecBelongsToTheDescriptor()
    {
        using var bench = new SyscallBench();
        string path = bench.Write("a", "hello");
        ulong fd = (ulong)bench.Open(path, (int)CloseOnExec);
        ulong copy = (ulong)bench.Call(Dup, fd);
        Assert.That(bench.Call(Fcntl, fd, GetDescriptorFlags), Is.EqualTo(1));
        Assert.That(bench.Call(Fcntl, copy, GetDescriptorFlags), Is.Zero, "dup clears it");
        Assert.That(bench.Call(Fcntl, copy, GetStatusFlags) & (long)CloseOnExec, Is.Zero, "it is no status flag");
        Assert.That(bench.Call(Fcntl, copy, SetDescriptorFlags, 1), Is.Zero);
        Assert.That(bench.Call(Fcntl, copy, GetDescriptorFlags), Is.EqualTo(1));
        Assert.That(bench.Call(Fcntl, copy, SetDescriptorFlags, 0), Is.Zero);
        Assert.That(bench.Call(Fcntl, fd, 1030, 0), Is.EqualTo((long)copy + 1), "F_DUPFD_CLOEXEC");
        Assert.That(bench.Call(Fcntl, copy + 1, GetDescriptorFlags), Is.EqualTo(1));
        bench.Process.Files.Table.CloseOnExec();
        Assert.That(bench.Call(Fcntl, fd, GetDescriptorFlags), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(Fcntl, copy, GetDescriptorFlags), Is.Zero);
    }

    [Test]
    public void Dup3ReplacesItsTarget()
    {
        using var bench = new SyscallBench();
        ulong one = (ulong)bench.Open(bench.Write("a", "hello"));
        ulong two = (ulong)bench.Open(bench.Write("b", "world!"));
        Assert.That(bench.Call(Dup3, one, one, 0), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Dup3, one, two, 1), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Dup3, 99, two, 0), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(Dup3, one, 1 << 30, 0), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(Dup3, one, two, CloseOnExec), Is.EqualTo((long)two));
        Assert.That(bench.Call(Lseek, two, 0, 2), Is.EqualTo(5));
        Assert.That(bench.Call(Fcntl, two, GetDescriptorFlags), Is.EqualTo(1));
        Assert.That(bench.Call(Dup3, one, 300, 0), Is.EqualTo(300));
    }

    [Test]
    public void RangesAreClosedOrMarked()
    {
        using var bench = new SyscallBench();
        string path = bench.Write("a", "hello");
        for (int i = 3; i < 8; i++)
            Assert.That(bench.Open(path), Is.EqualTo(i));
        Assert.That(bench.Call(CloseRange, 5, 4, 0), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(CloseRange, 4, 5, 0), Is.Zero);
        Assert.That(bench.Call(CloseRange, 6, uint.MaxValue, 4), Is.Zero);
        Assert.That(bench.Call(Fcntl, 3, GetDescriptorFlags), Is.Zero);
        Assert.That(bench.Call(Fcntl, 4, GetDescriptorFlags), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(Fcntl, 5, GetDescriptorFlags), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(Fcntl, 6, GetDescriptorFlags), Is.EqualTo(1));
        Assert.That(bench.Call(Fcntl, 7, GetDescriptorFlags), Is.EqualTo(1));
    }

    [Test]
    public void TheLimitIsKept()
    {
        using var bench = new SyscallBench();
        bench.Process.Files.Table.Limit = 5;
        string path = bench.Write("a", "hello");
        Assert.That(bench.Open(path), Is.EqualTo(3));
        Assert.That(bench.Open(path), Is.EqualTo(4));
        Assert.That(bench.Open(path), Is.EqualTo(-Errno.EMFILE));
        Assert.That(bench.Call(Dup, 3), Is.EqualTo(-Errno.EMFILE));
        Assert.That(bench.Call(Fcntl, 3, 0, 5), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(59, bench.Room(8), 0), Is.EqualTo(-Errno.EMFILE), "pipe2");
    }

    [Test]
    public void StatusFlagsAreTheDescriptions()
    {
        using var bench = new SyscallBench();
        ulong fd = (ulong)bench.Open(bench.Write("a", "hello"), 2);
        const long Append = 0x400;
        Assert.That(bench.Call(Fcntl, fd, GetStatusFlags) & 0x403, Is.EqualTo(2));
        Assert.That(bench.Call(Fcntl, fd, SetStatusFlags, (ulong)Append), Is.Zero);
        Assert.That(bench.Call(Fcntl, (ulong)bench.Call(Dup, fd), GetStatusFlags) & 0x403, Is.EqualTo(Append | 2));
        Assert.That(bench.Call(Fcntl, fd, 999), Is.EqualTo(-Errno.EINVAL));
    }

    [Test]
    public void RecordLocksAreTaken()
    {
        using var bench = new SyscallBench();
        ulong fd = (ulong)bench.Open(bench.Write("a", "hello"), 2);
        ulong flock = bench.Room(32);
        bench.World.TryWrite(flock, (short)1); // F_WRLCK, from the start to the end
        Assert.That(bench.Call(Fcntl, fd, 6, flock), Is.Zero, "F_SETLK");
        Assert.That(bench.Call(Fcntl, fd, 5, flock), Is.Zero, "F_GETLK");
        Assert.That(bench.At<short>(flock), Is.EqualTo(2), "F_UNLCK: none of another's");
        Assert.That(bench.Call(Fcntl, fd, 6, SyscallBench.Unmapped), Is.EqualTo(-Errno.EFAULT));
    }

    [Test]
    public void ABlockedFlockWaitsAndIsInterrupted()
    {
        using var bench = new SyscallBench();
        string path = bench.Write("a", "hello");
        ulong one = (ulong)bench.Open(path);
        ulong two = (ulong)bench.Open(path);
        Assert.That(bench.Call(32, one, 2), Is.Zero, "LOCK_EX");
        Assert.That(bench.Call(32, two, 2 | 4), Is.EqualTo(-Errno.EAGAIN), "LOCK_NB");
        Task<long> waiter = Task.Run(() => bench.Call(32, two, 2));
        Assert.That(waiter.Wait(30), Is.False);
        Assert.That(bench.Call(32, one, 8), Is.Zero, "LOCK_UN");
        Assert.That(waiter.Result, Is.Zero);
        Task<long> other = Task.Run(() => bench.Call(32, one, 2));
        Assert.That(other.Wait(30), Is.False);
        bench.Interrupt();
        Assert.That(other.Result, Is.EqualTo(-Errno.ERESTARTSYS));
    }

    [Test]
    public void AForkedTableSharesDescriptionsNotNumbers()
    {
        using var bench = new SyscallBench();
        ulong fd = (ulong)bench.Open(bench.Write("a", "hello"));
        FileTable child = bench.Process.Files.Table.Clone();
        Assert.That(bench.Call(Close, fd), Is.Zero);
        using (FileReference reference = child.Acquire(fd))
            Assert.That(reference.File!.Seek(0, 2), Is.EqualTo(5));
        child.CloseAll();
        Assert.That(child.Acquire(fd).File, Is.Null);
    }

    [Test]
    public void NonBlockingIsSetByIoctlToo()
    {
        using var bench = new SyscallBench();
        ulong pair = bench.Room(8);
        Assert.That(bench.Call(59, pair, 0), Is.Zero);
        ulong from = (ulong)bench.At<int>(pair);
        ulong on = bench.Words(1);
        Assert.That(bench.Call(29, from, 0x5421, on), Is.Zero, "FIONBIO");
        Assert.That(bench.Call(63, from, bench.Room(8), 8), Is.EqualTo(-Errno.EAGAIN));
        Assert.That(bench.Call(64, (ulong)bench.At<int>(pair + 4), on, 3), Is.EqualTo(3));
        ulong count = bench.Room(4);
        Assert.That(bench.Call(29, from, 0x541B, count), Is.Zero, "FIONREAD");
        Assert.That(bench.At<int>(count), Is.EqualTo(3));
        Assert.That(bench.Call(29, from, 0x5401, bench.Room(64)), Is.EqualTo(-Errno.ENOTTY), "TCGETS on a pipe");
        Assert.That(bench.Call(29, from, 0xdeadbeef, 0), Is.EqualTo(-Errno.ENOTTY));
        Assert.That(bench.Call(29, 99, 0x5401, 0), Is.EqualTo(-Errno.EBADF));
    }

    [Test]
    public void OpenRefusesWhatLinuxRefuses()
    {
        using var bench = new SyscallBench();
        string path = bench.Write("a", "hello");
        Assert.That(bench.Open(bench.Folder + "/none"), Is.EqualTo(-Errno.ENOENT));
        Assert.That(bench.Open(bench.Folder, 1), Is.EqualTo(-Errno.EISDIR));
        Assert.That(bench.Open(path, 0x10000), Is.EqualTo(-Errno.ENOTDIR), "O_DIRECTORY");
        Assert.That(bench.Open(path, 0xC0), Is.EqualTo(-Errno.EEXIST), "O_CREAT | O_EXCL");
        Assert.That(bench.Call(56, SyscallBench.Here, SyscallBench.Unmapped, 0, 0), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(56, 99, bench.Text("x"), 0, 0), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(437), Is.EqualTo(-Errno.ENOSYS), "openat2");
        File.CreateSymbolicLink(path + "l", path);
        Assert.That(bench.Open(path + "l", 0x20000), Is.EqualTo(-Errno.ELOOP), "O_NOFOLLOW");
    }

    [Test]
    public void NewFilesGetTheMaskedMode()
    {
        using var bench = new SyscallBench();
        Assert.That(bench.Call(166, 0x3f), Is.GreaterThanOrEqualTo(0), "umask 077");
        string path = Path.Combine(bench.Folder, "new");
        Assert.That(bench.Open(path, 0x41, 0x1b6), Is.EqualTo(3));
        Assert.That((int)File.GetUnixFileMode(path), Is.EqualTo(0x180), "0666 & ~077");
        Assert.That(bench.Call(166, 0), Is.EqualTo(0x3f));
        Assert.That(bench.Open(path + "2", 0x41, 0x1b6), Is.EqualTo(4));
        Assert.That((int)File.GetUnixFileMode(path + "2"), Is.EqualTo(0x1b6), "whatever the host's mask is");
    }
}
