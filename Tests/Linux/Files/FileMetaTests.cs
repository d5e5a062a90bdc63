using System.Runtime.Versioning;
using NUnit.Framework;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;
using RvJit.Machine;

namespace RvJit.Tests.Linux.Files;

/// <summary>
/// Offsets and sizes are those that a C program printed with offsetof and sizeof, built by riscv64-linux-gnu-gcc 14
/// against glibc's headers and run under qemu-riscv64: sizeof(struct stat) 128; st_dev 0, st_ino 8, st_mode 16,
/// st_nlink 20, st_uid 24, st_gid 28, st_rdev 32, st_size 48, st_blksize 56, st_blocks 64, st_atim 72, st_mtim 88,
/// st_ctim 104; sizeof(struct statfs) 120; sizeof(struct utsname) 390; sizeof(struct sysinfo) 112.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class FileMetaTests
{
    private const int Faccessat = 48;
    private const int Readlinkat = 78;
    private const int Newfstatat = 79;
    private const int Fstat = 80;
    private const int Statx = 291;
    private const int Faccessat2 = 439;
    private const uint Guard = 0xdead_beef;

    [Test]
    public void StatHasTheLayoutOfRiscv64()
    {
        using var bench = new SyscallBench();
        string path = bench.Write("a", "hello");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddSeconds(1_234_567_890).AddMilliseconds(250));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        ulong stat = bench.Room(132);
        bench.World.TryWrite(stat + 128, Guard);
        ulong fd = (ulong)bench.Open(path);
        Assert.That(bench.Call(Fstat, fd, stat), Is.Zero);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(bench.At<ulong>(stat), Is.Not.Zero, "st_dev");
            Assert.That(bench.At<ulong>(stat + 8), Is.Not.Zero, "st_ino");
            Assert.That(bench.At<uint>(stat + 16), Is.EqualTo(0x81A0), "st_mode 0100640");
            Assert.That(bench.At<uint>(stat + 20), Is.EqualTo(1), "st_nlink");
            Assert.That(bench.At<ulong>(stat + 32), Is.Zero, "st_rdev");
            Assert.That(bench.At<long>(stat + 48), Is.EqualTo(5), "st_size");
            Assert.That(bench.At<uint>(stat + 56), Is.EqualTo(4096), "st_blksize");
            Assert.That(bench.At<long>(stat + 88), Is.EqualTo(1_234_567_890), "st_mtime");
            Assert.That(bench.At<long>(stat + 96), Is.EqualTo(250_000_000), "st_mtime_nsec");
            Assert.That(bench.At<uint>(stat + 128), Is.EqualTo(Guard), "128 bytes, not more");
        }

        ulong again = bench.Room(128);
        Assert.That(bench.Call(Newfstatat, SyscallBench.Here, bench.Text(path), again, 0), Is.Zero);
        Assert.That(bench.BytesAt(again, 128), Is.EqualTo(bench.BytesAt(stat, 128)), "newfstatat as fstat");
    }

    [Test]
    public void DeviceNumbersAreEncodedAsLinuxDoes()
    {
        using var bench = new SyscallBench();
        ulong stat = bench.Room(128);
        Assert.That(bench.Call(Newfstatat, SyscallBench.Here, bench.Text("/dev/null"), stat, 0), Is.Zero);
        Assert.That(bench.At<ulong>(stat + 32), Is.EqualTo((1 << 8) | 3), "makedev(1, 3)");
    }

    [Test]
    public void StatxGivesTheHostsAnswer()
    {
        using var bench = new SyscallBench();
        ulong statx = bench.Room(256);
        Assert.That(bench.Call(Statx, SyscallBench.Here, bench.Text(bench.Write("a", "hello")), 0, 0x7ff, statx), Is.Zero);
        Assert.That(bench.At<long>(statx + 40), Is.EqualTo(5), "stx_size");
        Assert.That(bench.At<ushort>(statx + 28) & 0xF000, Is.EqualTo(0x8000), "stx_mode");
        Assert.That(bench.Call(Statx, SyscallBench.Here, bench.Text("/"), 0x800000, 0x7ff, statx), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Statx, SyscallBench.Here, bench.Text("/"), 0, 0x7ff, SyscallBench.Unmapped), Is.EqualTo(-Errno.EFAULT));
    }

    [Test]
    public void LinksAreFollowedUnlessToldNotTo()
    {
        using var bench = new SyscallBench();
        string path = bench.Write("a", "hello");
        string link = Path.Combine(bench.Folder, "link");
        File.CreateSymbolicLink(link, path);
        ulong stat = bench.Room(128);
        const ulong NoFollow = 0x100;
        Assert.That(bench.Call(Newfstatat, SyscallBench.Here, bench.Text(link), stat, 0), Is.Zero);
        Assert.That(bench.At<uint>(stat + 16) >> 12, Is.EqualTo(8));
        Assert.That(bench.Call(Newfstatat, SyscallBench.Here, bench.Text(link), stat, NoFollow), Is.Zero);
        Assert.That(bench.At<uint>(stat + 16) >> 12, Is.EqualTo(10));

        ulong buffer = bench.Room(256);
        Assert.That(bench.Call(Readlinkat, SyscallBench.Here, bench.Text(link), buffer, 256), Is.EqualTo(path.Length));
        Assert.That(bench.TextAt(buffer, path.Length), Is.EqualTo(path));
        Assert.That(bench.Call(Readlinkat, SyscallBench.Here, bench.Text(link), buffer, 3), Is.EqualTo(3), "cut short, no zero");
        Assert.That(bench.Call(Readlinkat, SyscallBench.Here, bench.Text(path), buffer, 256), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Readlinkat, SyscallBench.Here, bench.Text(link), buffer, 0), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Readlinkat, SyscallBench.Here, bench.Text(link), SyscallBench.ReadOnly, 256), Is.EqualTo(-Errno.EFAULT));
    }

    [Test]
    public void PathErrorsAreLinuxs()
    {
        using var bench = new SyscallBench();
        ulong stat = bench.Room(128);
        string file = bench.Write("a", "hello");
        long StatOf(ulong address, ulong flags = 0, ulong directory = SyscallBench.Here) => bench.Call(Newfstatat, directory, address, stat, flags);
        Assert.That(StatOf(bench.Text(bench.Folder + "/none")), Is.EqualTo(-Errno.ENOENT));
        Assert.That(StatOf(bench.Text("")), Is.EqualTo(-Errno.ENOENT));
        Assert.That(StatOf(bench.Text(file + "/x")), Is.EqualTo(-Errno.ENOTDIR));
        Assert.That(StatOf(SyscallBench.Unmapped), Is.EqualTo(-Errno.EFAULT));
        Assert.That(StatOf(bench.Text("relative"), 0, 99), Is.EqualTo(-Errno.EBADF));
        Assert.That(StatOf(bench.Text(new string('/', 5000))), Is.EqualTo(-Errno.ENAMETOOLONG));
        Assert.That(StatOf(bench.Text(file), 0x8000), Is.EqualTo(-Errno.EINVAL));
        Assert.That(StatOf(bench.Text(file), 0, 99), Is.Zero, "an absolute path needs no directory");
        bench.Put(SyscallBench.End - 4, "/tmp"u8);
        Assert.That(StatOf(SyscallBench.End - 4), Is.EqualTo(-Errno.EFAULT), "no zero before the end of memory");
        Assert.That(bench.Call(Newfstatat, SyscallBench.Here, bench.Text(file), SyscallBench.End - 100), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(Fstat, 99, stat), Is.EqualTo(-Errno.EBADF));
    }

    [Test]
    public void AnEmptyPathIsTheDescriptorItself()
    {
        using var bench = new SyscallBench();
        const ulong EmptyPath = 0x1000;
        ulong fd = (ulong)bench.Open(bench.Write("a", "hello"));
        ulong stat = bench.Room(128);
        Assert.That(bench.Call(Newfstatat, fd, bench.Text(""), stat, EmptyPath), Is.Zero);
        Assert.That(bench.At<long>(stat + 48), Is.EqualTo(5));
        Assert.That(bench.Call(Newfstatat, fd, 0, stat, EmptyPath), Is.Zero, "no path at all, since Linux 6.11");
        Assert.That(bench.Call(Newfstatat, 99, bench.Text(""), stat, EmptyPath), Is.EqualTo(-Errno.EBADF));
    }

    [Test]
    public void AccessIsAskedOfTheHost()
    {
        using var bench = new SyscallBench();
        string path = bench.Write("a", "hello");
        Assert.That(bench.Call(Faccessat, SyscallBench.Here, bench.Text(path), 4), Is.Zero);
        Assert.That(bench.Call(Faccessat, SyscallBench.Here, bench.Text(path), 1), Is.EqualTo(-Errno.EACCES), "not executable, for root either");
        Assert.That(bench.Call(Faccessat, SyscallBench.Here, bench.Text(path), 8), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Faccessat2, SyscallBench.Here, bench.Text(path), 0, 0x200), Is.Zero);
        Assert.That(bench.Call(Faccessat2, SyscallBench.Here, bench.Text(path), 0, 1), Is.EqualTo(-Errno.EINVAL));
    }

    [Test]
    public void FileSystemsAreDescribed()
    {
        using var bench = new SyscallBench();
        ulong statfs = bench.Room(124);
        bench.World.TryWrite(statfs + 120, Guard);
        Assert.That(bench.Call(43, bench.Text("/proc"), statfs), Is.Zero);
        Assert.That(bench.At<long>(statfs), Is.EqualTo(0x9fa0), "PROC_SUPER_MAGIC");
        Assert.That(bench.At<uint>(statfs + 120), Is.EqualTo(Guard));
        Assert.That(bench.Call(44, (ulong)bench.Open("/proc"), statfs), Is.Zero);
    }

    [Test]
    public void TheProgramFindsItself()
    {
        using var bench = new SyscallBench();
        string program = bench.Write("program", "ELF?");
        bench.Describe(program, "arguments\0one\0"u8.ToArray());
        ulong buffer = bench.Room(256);
        long length = bench.Call(Readlinkat, SyscallBench.Here, bench.Text("/proc/self/exe"), buffer, 256);
        Assert.That(bench.TextAt(buffer, length), Is.EqualTo(program));
        ulong fd = (ulong)bench.Open("/proc/self/exe");
        Assert.That(bench.Call(63, fd, buffer, 256), Is.EqualTo(4));
        Assert.That(bench.TextAt(buffer, 4), Is.EqualTo("ELF?"));

        length = bench.Call(63, (ulong)bench.Open("/proc/self/cmdline"), buffer, 256);
        Assert.That(bench.TextAt(buffer, length), Is.EqualTo("arguments\0one\0"));
        length = bench.Call(63, (ulong)bench.Open("/proc/cpuinfo"), buffer, 100);
        Assert.That(bench.TextAt(buffer, length), Does.Contain("rv64imafdc"));

        Assert.That(bench.Call(Readlinkat, SyscallBench.Here, bench.Text($"/proc/self/fd/{fd}"), buffer, 256), Is.EqualTo(program.Length));
        Assert.That(bench.TextAt(buffer, program.Length), Is.EqualTo(program));
        ulong again = (ulong)bench.Open($"/dev/fd/{fd}");
        Assert.That(bench.Call(63, again, buffer, 256), Is.EqualTo(4), "opened anew, at its start");
        Assert.That(bench.Open("/dev/fd/99"), Is.EqualTo(-Errno.ENOENT));
    }

    [Test]
    public void TheEmulatorItselfIsOutOfReach()
    {
        using var bench = new SyscallBench();
        string link = Path.Combine(bench.Folder, "self");
        File.CreateSymbolicLink(link, "/proc/self");
        int pid = Environment.ProcessId;
        ulong self = (ulong)bench.Open("/proc/self", 0x10000);
        foreach (string path in new[] { "/proc/self/mem", $"/proc/{pid}/mem", "/proc//self/./mem", "/proc/thread-self/mem", link + "/mem", link + "/pagemap" })
            Assert.That(bench.Open(path), Is.EqualTo(-Errno.EACCES), path);
        Assert.That(bench.Call(56, self, bench.Text("mem"), 2), Is.EqualTo(-Errno.EACCES), "by way of a directory");
        foreach (string path in new[] { link + "/fd/0", "/proc//self/fd/0", link + "/root/etc", link + "/exe" })
            Assert.That(bench.Open(path), Is.EqualTo(-Errno.ELOOP), path);
        Assert.That(bench.Open("/proc/self/fd/97"), Is.EqualTo(-Errno.ENOENT));
        Assert.That(bench.Open("/proc/self/status"), Is.GreaterThan(0));
        Assert.That(bench.Open("/proc/1/stat"), Is.GreaterThan(0));
    }

    [Test]
    public void ADeviceOfTheGuestIsOpenedByItsName()
    {
        using var bench = new SyscallBench(null, new EchoProvider());
        ulong fd = (ulong)bench.Open("/dev/echo", 2);
        ulong stat = bench.Room(128);
        Assert.That(bench.Call(Fstat, fd, stat), Is.Zero);
        Assert.That(bench.At<uint>(stat + 16) >> 12, Is.EqualTo(2), "a character device");
        Assert.That(bench.Call(Newfstatat, SyscallBench.Here, bench.Text("/dev/echo"), stat, 0), Is.Zero);
        Assert.That(bench.Call(Faccessat, SyscallBench.Here, bench.Text("/dev/echo"), 6), Is.Zero);
        Assert.That(bench.Call(29, fd, 0x1234, 7), Is.EqualTo(0x1234 + 7), "ioctl");
        ulong buffer = bench.Room(16);
        Assert.That(bench.Call(66, fd, bench.Words(bench.Text("ab"), 2, bench.Text("cd"), 2), 2), Is.EqualTo(4));
        Assert.That(bench.Call(63, fd, buffer, 16), Is.EqualTo(2), "the last write");
        Assert.That(bench.TextAt(buffer, 2), Is.EqualTo("cd"));
        Assert.That(EchoDevice.Closed, Is.Zero);
        Assert.That(bench.Call(23, fd), Is.EqualTo((long)fd + 1), "dup");
        Assert.That(bench.Call(57, fd), Is.Zero);
        Assert.That(EchoDevice.Closed, Is.Zero);
        Assert.That(bench.Call(57, fd + 1), Is.Zero);
        Assert.That(EchoDevice.Closed, Is.EqualTo(1), "closed once, with its last descriptor");
    }

    [Test]
    public void ADeviceIsMapped()
    {
        using var bench = new SyscallBench(null, new MemoryProvider());
        bench.AddMemoryCalls();
        ulong fd = (ulong)bench.Open("/dev/memory", 2);
        MemoryDevice device = MemoryProvider.Last!;
        Assert.That(bench.Call(222, 0, 8192, 3, 1, fd, 4096), Is.EqualTo(-Errno.ENXIO), "the device refuses");
        ulong at = (ulong)bench.Call(222, 0, 8192, 3, 1, fd, 0);
        Assert.That((long)at, Is.GreaterThan(0));
        Assert.That(bench.World.TryWrite(at + 5000, 0x1234), Is.True);
        Assert.That(System.Runtime.InteropServices.MemoryMarshal.Read<int>(bench.Process.Memory.Span(device.Physical + 5000, 4)), Is.EqualTo(0x1234));
        Assert.That(bench.Call(57, fd), Is.Zero);
        Assert.That(device.IsClosed, Is.False, "the mapping holds it");
        Assert.That(bench.Call(226, at, 4096, 1), Is.Zero, "mprotect");
        Assert.That(bench.World.TryWrite(at, 1), Is.False);
        Assert.That(bench.Call(216, at, 8192, 16384, 1), Is.LessThan(0), "mremap");
        Assert.That(bench.Call(215, at, 4096), Is.Zero, "munmap");
        Assert.That(device.Unmaps, Is.Zero);
        Assert.That(bench.Call(215, at + 4096, 4096), Is.Zero);
        Assert.That(device.Unmaps, Is.EqualTo(1));
        Assert.That(device.IsClosed, Is.True);
        Assert.That(bench.Process.Memory.Span(device.Physical + 5000, 1)[0], Is.EqualTo(0x34), "the device's memory stays the device's");
    }

    private sealed class MemoryProvider : IDeviceProvider
    {
        public static MemoryDevice? Last { get; private set; }

        public bool Provides(string path) => path == "/dev/memory";

        public bool TryOpen(string path, int flags, LinuxThread thread, out GuestFile? file, out long error)
        {
            error = 0;
            file = Last = new MemoryDevice(thread.Process.Memory);
            return true;
        }
    }

    private sealed class MemoryDevice : GuestFile
    {
        public MemoryDevice(PhysicalMemory memory)
        {
            Assert.That(memory.TryAllocate(8192, 4096, out ulong physical), Is.True);
            Physical = physical;
        }

        public ulong Physical { get; }

        public int Unmaps { get; private set; }

        public bool IsClosed { get; private set; }

        public override long TryMap(LinuxThread thread, in DeviceMapRequest request, out ulong physical)
        {
            physical = Physical;
            return request.Offset == 0 ? 0 : -Errno.ENXIO;
        }

        public override void Unmapped(in DeviceMapRequest request) => Unmaps++;

        protected override void Close() => IsClosed = true;
    }

    private sealed class EchoProvider : IDeviceProvider
    {
        public bool Provides(string path) => path == "/dev/echo";

        public bool TryOpen(string path, int flags, LinuxThread thread, out GuestFile? file, out long error)
        {
            EchoDevice.Closed = 0;
            file = new EchoDevice();
            error = 0;
            return true;
        }
    }

    private sealed unsafe class EchoDevice : GuestFile
    {
        private byte[] _last = [];

        public static int Closed { get; set; }

        public override long Read(LinuxThread thread, byte* buffer, nuint count)
        {
            _last.AsSpan(0, Math.Min(_last.Length, (int)count)).CopyTo(new Span<byte>(buffer, (int)count));
            return Math.Min(_last.Length, (int)count);
        }

        public override long Write(LinuxThread thread, byte* buffer, nuint count)
        {
            _last = new ReadOnlySpan<byte>(buffer, (int)count).ToArray();
            return (long)count;
        }

        public override long Ioctl(LinuxThread thread, uint request, ulong argument) => (long)(request + argument);

        protected override void Close() => Closed++;
    }
}
