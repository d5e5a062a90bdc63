using NUnit.Framework;
using RvJit.Guest.Linux;

namespace RvJit.Tests.Linux.Files;

public sealed class RootTests
{
    private string _root = "";

    [SetUp]
    public void MakeRoot()
    {
        _root = Directory.CreateTempSubdirectory("rvjit-root-").FullName;
        Directory.CreateDirectory(_root + "/etc");
        Directory.CreateDirectory(_root + "/usr/lib");
        File.WriteAllText(_root + "/etc/name", "guest");
        File.CreateSymbolicLink(_root + "/lib", "usr/lib");
        File.CreateSymbolicLink(_root + "/usr/lib/absolute", "/etc/name");
        File.CreateSymbolicLink(_root + "/usr/lib/outside", "../../../../../etc/name");
        File.CreateSymbolicLink(_root + "/loop", "/loop");
    }

    [TearDown]
    public void RemoveRoot() => Directory.Delete(_root, recursive: true);

    [TestCase("/etc/name")]
    [TestCase("/../../etc/name")]
    [TestCase("//etc/./name")]
    [TestCase("/lib/absolute", TestName = "an absolute link stays inside")]
    [TestCase("/lib/outside", TestName = "a link with too many steps up stays inside")]
    [TestCase("/lib/../../etc/name", TestName = "up from behind a link")]
    public void NamesAreFoundInTheRoot(string path)
    {
        using SyscallBench bench = Bench();
        ulong buffer = bench.Room(16);
        Assert.That(bench.Call(63, (ulong)bench.Open(path), buffer, 16), Is.EqualTo(5));
        Assert.That(bench.TextAt(buffer, 5), Is.EqualTo("guest"));
    }

    [Test]
    public void WhatTheHostHasElsewhereIsNotThere()
    {
        using SyscallBench bench = Bench();
        Assert.That(bench.Open(bench.Folder), Is.EqualTo(-Errno.ENOENT));
        Assert.That(bench.Open("/etc/passwd"), Is.EqualTo(-Errno.ENOENT));
        Assert.That(bench.Open("/loop"), Is.EqualTo(-Errno.ELOOP));
        Assert.That(bench.Call(79, SyscallBench.Here, bench.Text("/proc/self/root/etc/passwd"), bench.Room(128), 0), Is.EqualTo(-Errno.EACCES));
        Assert.That(bench.Open("/dev/null"), Is.GreaterThan(0), "devices are the host's");
    }

    [Test]
    public void NewNamesAreMadeInTheRoot()
    {
        using SyscallBench bench = Bench();
        Assert.That(bench.Call(34, SyscallBench.Here, bench.Text("/lib/new"), 0x1ed), Is.Zero, "mkdirat");
        Assert.That(Directory.Exists(_root + "/usr/lib/new"), Is.True);
        Assert.That(bench.Open("/etc/made", 0x41), Is.GreaterThan(0));
        Assert.That(File.Exists(_root + "/etc/made"), Is.True);
        Assert.That(bench.Call(276, SyscallBench.Here, bench.Text("/etc/made"), SyscallBench.Here, bench.Text("/lib/moved"), 0), Is.Zero);
        Assert.That(File.Exists(_root + "/usr/lib/moved"), Is.True);
        ulong stat = bench.Room(128);
        Assert.That(bench.Call(79, SyscallBench.Here, bench.Text("/lib"), stat, 0x100), Is.Zero);
        Assert.That(bench.At<uint>(stat + 16) >> 12, Is.EqualTo(10), "the link itself");
    }

    [Test]
    public void TheWorkingDirectoryIsSeenFromTheRoot()
    {
        using SyscallBench bench = Bench();
        ulong buffer = bench.Room(256);
        Assert.That(bench.Call(17, buffer, 256), Is.EqualTo(2));
        Assert.That(bench.TextAt(buffer, 2), Is.EqualTo("/\0"));
        Assert.That(bench.Call(49, bench.Text("/lib")), Is.Zero, "chdir");
        Assert.That(bench.Call(17, buffer, 256), Is.EqualTo("/usr/lib".Length + 1));
        Assert.That(bench.Call(63, (ulong)bench.Open("../../etc/name"), buffer, 16), Is.EqualTo(5));
        Assert.That(bench.Call(63, (ulong)bench.Open("../../../../../etc/name"), buffer, 16), Is.EqualTo(5), "the root has no parent");
        Assert.That(bench.Call(63, (ulong)bench.Open("absolute"), buffer, 16), Is.EqualTo(5));
        ulong directory = (ulong)bench.Open("/etc", 0x10000);
        Assert.That(bench.Call(56, directory, bench.Text("../../../etc/name"), 0, 0), Is.GreaterThan(0), "from a descriptor");
        long length = bench.Call(78, SyscallBench.Here, bench.Text($"/proc/self/fd/{directory}"), buffer, 256);
        Assert.That(bench.TextAt(buffer, length), Is.EqualTo("/etc"));
    }

    [Test]
    public void ALocalSocketIsMadeInTheRoot()
    {
        using SyscallBench bench = Bench();
        ulong socket = (ulong)bench.Call(198, 1, 1, 0);
        byte[] name = [1, 0, .. "/etc/sock\0"u8];
        Assert.That(bench.Call(200, socket, bench.Data(name), (ulong)name.Length), Is.Zero);
        Assert.That(File.Exists(_root + "/etc/sock"), Is.True);
    }

    private SyscallBench Bench() => new(new LinuxOptions { Root = _root });
}
