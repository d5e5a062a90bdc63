using System.Runtime.Versioning;
using System.Text;
using NUnit.Framework;
using RvJit.Guest.Linux;

namespace RvJit.Tests.Linux.Files;

[UnsupportedOSPlatform("windows")]
public sealed class DirectoryTests
{
    private const int Getcwd = 17;
    private const int Mkdirat = 34;
    private const int Unlinkat = 35;
    private const int Symlinkat = 36;
    private const int Linkat = 37;
    private const int Truncate = 45;
    private const int Chdir = 49;
    private const int Fchdir = 50;
    private const int Fchmodat = 53;
    private const int Getdents = 61;
    private const int Utimensat = 88;
    private const int Renameat2 = 276;
    private const int DirectoryFlag = 0x10000;

    [Test]
    public void ADirectoryIsListed()
    {
        using var bench = new SyscallBench();
        bench.Write("alpha", "");
        bench.Write("beta", "");
        Directory.CreateDirectory(Path.Combine(bench.Folder, "gamma"));
        ulong fd = (ulong)bench.Open(bench.Folder, DirectoryFlag);
        Dictionary<string, byte> entries = List(bench, fd, 1024);
        Assert.That(Sorted(entries.Keys), Is.EqualTo(". .. alpha beta gamma"));
        Assert.That(entries["gamma"], Is.EqualTo(4), "DT_DIR");
        Assert.That(entries["alpha"], Is.EqualTo(8), "DT_REG");
        ulong buffer = bench.Room(64);
        Assert.That(bench.Call(62, fd, 0, 0), Is.Zero, "rewind");
        Assert.That(bench.Call(Getdents, fd, buffer, 8), Is.EqualTo(-Errno.EINVAL), "too small for one");
        Assert.That(bench.Call(Getdents, fd, SyscallBench.Unmapped, 64), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(Getdents, 99, buffer, 64), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(Getdents, (ulong)bench.Open(Path.Combine(bench.Folder, "alpha")), buffer, 64), Is.EqualTo(-Errno.ENOTDIR));
    }

    [Test]
    public void TheDescriptorDirectoryListsTheGuests()
    {
        using var bench = new SyscallBench();
        Assert.That(bench.Call(24, (ulong)bench.Open(bench.Write("a", "")), 42, 0), Is.EqualTo(42));
        ulong fd = (ulong)bench.Open("/proc/self/fd", DirectoryFlag);
        Dictionary<string, byte> entries = List(bench, fd, 64);
        Assert.That(Sorted(entries.Keys), Is.EqualTo(". .. 0 1 2 3 42"));
    }

    [Test]
    public void TheWorkingDirectoryIsTheProcesss()
    {
        using var bench = new SyscallBench();
        string before = Directory.GetCurrentDirectory();
        Directory.CreateDirectory(Path.Combine(bench.Folder, "sub"));
        bench.Write("sub/a", "hello");
        ulong buffer = bench.Room(512);
        Assert.That(bench.Call(Getcwd, buffer, 512), Is.EqualTo(before.Length + 1));
        Assert.That(bench.Call(Chdir, bench.Text(bench.Folder)), Is.Zero);
        Assert.That(bench.Call(Chdir, bench.Text("sub")), Is.Zero);
        string now = bench.Folder + "/sub";
        Assert.That(bench.Call(Getcwd, buffer, 512), Is.EqualTo(now.Length + 1));
        Assert.That(bench.TextAt(buffer, now.Length + 1), Is.EqualTo(now + "\0"));
        Assert.That(Directory.GetCurrentDirectory(), Is.EqualTo(before), "the host's stays");
        Assert.That(bench.Open("a"), Is.EqualTo(3));
        Assert.That(bench.Open("../sub/./a"), Is.EqualTo(4));
        Assert.That(bench.Call(Fchdir, (ulong)bench.Open("..", DirectoryFlag)), Is.Zero);
        Assert.That(bench.Call(Getcwd, buffer, 512), Is.EqualTo(bench.Folder.Length + 1));
        Assert.That(bench.Call(Getcwd, buffer, 4), Is.EqualTo(-Errno.ERANGE));
        Assert.That(bench.Call(Getcwd, SyscallBench.Unmapped, 512), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(Chdir, bench.Text("none")), Is.EqualTo(-Errno.ENOENT));
        Assert.That(bench.Call(Chdir, bench.Text("sub/a")), Is.EqualTo(-Errno.ENOTDIR));
        Assert.That(bench.Call(Fchdir, 3), Is.EqualTo(-Errno.ENOTDIR));
        Assert.That(bench.Call(Chdir, bench.Text("sub")), Is.Zero);
        Directory.Delete(now, recursive: true);
        Assert.That(bench.Call(Getcwd, buffer, 512), Is.EqualTo(-Errno.ENOENT), "it was removed");
    }

    [Test]
    public void NamesAreMadeMovedAndRemoved()
    {
        using var bench = new SyscallBench();
        Assert.That(bench.Call(Chdir, bench.Text(bench.Folder)), Is.Zero);
        string Host(string name) => Path.Combine(bench.Folder, name);
        Assert.That(bench.Call(Mkdirat, SyscallBench.Here, bench.Text("d"), 0x1ed), Is.Zero);
        Assert.That(bench.Call(Mkdirat, SyscallBench.Here, bench.Text("d"), 0x1ed), Is.EqualTo(-Errno.EEXIST));
        ulong d = (ulong)bench.Open("d", DirectoryFlag);
        bench.Write("a", "hello");
        Assert.That(bench.Call(Linkat, SyscallBench.Here, bench.Text("a"), d, bench.Text("b"), 0), Is.Zero);
        Assert.That(bench.Call(Symlinkat, bench.Text("../a"), d, bench.Text("s")), Is.Zero);
        Assert.That(File.ReadAllText(Host("d/b")) + File.ReadAllText(Host("d/s")), Is.EqualTo("hellohello"));
        Assert.That(bench.Call(Renameat2, d, bench.Text("b"), SyscallBench.Here, bench.Text("c"), 0), Is.Zero);
        Assert.That(bench.Call(Renameat2, SyscallBench.Here, bench.Text("a"), SyscallBench.Here, bench.Text("c"), 1), Is.EqualTo(-Errno.EEXIST), "RENAME_NOREPLACE");
        Assert.That(bench.Call(Unlinkat, SyscallBench.Here, bench.Text("d"), 0), Is.EqualTo(-Errno.EISDIR));
        Assert.That(bench.Call(Unlinkat, SyscallBench.Here, bench.Text("d"), 0x200), Is.EqualTo(-Errno.ENOTEMPTY), "AT_REMOVEDIR");
        Assert.That(bench.Call(Unlinkat, d, bench.Text("s"), 0), Is.Zero);
        Assert.That(bench.Call(Unlinkat, SyscallBench.Here, bench.Text("d"), 0x200), Is.Zero);
        Assert.That(Sorted(Directory.EnumerateFileSystemEntries(bench.Folder).Select(Path.GetFileName)), Is.EqualTo("a c"));
    }

    [Test]
    public void FilesAreChanged()
    {
        using var bench = new SyscallBench();
        string path = bench.Write("a", "hello");
        ulong fd = (ulong)bench.Open(path, 2);
        Assert.That(bench.Call(Fchmodat, SyscallBench.Here, bench.Text(path), 0x140), Is.Zero);
        Assert.That((int)File.GetUnixFileMode(path), Is.EqualTo(0x140));
        Assert.That(bench.Call(52, fd, 0x1a4), Is.Zero, "fchmod");
        Assert.That((int)File.GetUnixFileMode(path), Is.EqualTo(0x1a4));
        Assert.That(bench.Call(Truncate, bench.Text(path), 3), Is.Zero);
        Assert.That(File.ReadAllText(path), Is.EqualTo("hel"));
        Assert.That(bench.Call(Truncate, bench.Text(path), ulong.MaxValue), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(46, fd, 10), Is.Zero, "ftruncate");
        Assert.That(new FileInfo(path).Length, Is.EqualTo(10));
        Assert.That(bench.Call(47, fd, 0, 0, 20), Is.Zero, "fallocate");
        Assert.That(new FileInfo(path).Length, Is.EqualTo(20));
        ulong times = bench.Words(1000, 0, 2000, 500_000_000);
        Assert.That(bench.Call(Utimensat, SyscallBench.Here, bench.Text(path), times, 0), Is.Zero);
        Assert.That(File.GetLastWriteTimeUtc(path), Is.EqualTo(DateTime.UnixEpoch.AddSeconds(2000.5)));
        Assert.That(bench.Call(Utimensat, fd, 0, bench.Words(1, 0, 3000, 0), 0), Is.Zero, "futimens");
        Assert.That(File.GetLastWriteTimeUtc(path), Is.EqualTo(DateTime.UnixEpoch.AddSeconds(3000)));
        foreach (int number in new[] { 82, 83, 84, 223, 267 })
            Assert.That(bench.Call(number, fd), Is.Zero, $"system call {number}");
        Assert.That(bench.Call(82, 99), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(55, fd, uint.MaxValue, uint.MaxValue), Is.Zero, "fchown to nobody else");
    }

    [Test]
    public void FilesAreCopiedInTheHost()
    {
        using var bench = new SyscallBench();
        ulong from = (ulong)bench.Open(bench.Write("a", "hello world"));
        string path = bench.Write("b", "");
        ulong to = (ulong)bench.Open(path, 1);
        ulong offset = bench.Words(6);
        Assert.That(bench.Call(71, to, from, offset, 100), Is.EqualTo(5), "sendfile");
        Assert.That(bench.At<long>(offset), Is.EqualTo(11));
        Assert.That(bench.Call(71, to, from, 0, 5), Is.EqualTo(5));
        Assert.That(File.ReadAllText(path), Is.EqualTo("worldhello"));
        Assert.That(bench.Call(285, from, bench.Words(0), to, bench.Words(5), 5), Is.EqualTo(5).Or.EqualTo(-Errno.EXDEV), "copy_file_range");
        Assert.That(bench.Call(76, from, 0, to, 0, 5), Is.EqualTo(-Errno.EINVAL), "splice");
        Assert.That(bench.Call(71, to, from, SyscallBench.Unmapped, 5), Is.EqualTo(-Errno.EFAULT));
    }

    private static string Sorted(IEnumerable<string?> names) => string.Join(' ', names.Order(StringComparer.Ordinal));

    private static Dictionary<string, byte> List(SyscallBench bench, ulong fd, int size)
    {
        var entries = new Dictionary<string, byte>();
        ulong buffer = bench.Room(size);
        long length;
        while ((length = bench.Call(Getdents, fd, buffer, (ulong)size)) > 0)
        {
            byte[] bytes = bench.BytesAt(buffer, (int)length);
            for (int at = 0; at < bytes.Length; at += BitConverter.ToUInt16(bytes, at + 16))
            {
                int start = at + 19;
                int zero = Array.IndexOf(bytes, (byte)0, start);
                entries.Add(Encoding.UTF8.GetString(bytes, start, zero - start), bytes[at + 18]);
            }
        }

        Assert.That(length, Is.Zero);
        return entries;
    }
}
