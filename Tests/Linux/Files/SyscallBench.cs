using System.Text;
using NUnit.Framework;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Mapping;
using RvJit.Machine;

namespace RvJit.Tests.Linux.Files;

/// <summary>
/// A process without a program: a world with one mapped range, system calls made by number from the test. The range is
/// followed by nothing, so buffers that run over <see cref="End"/> are valid only in part.
/// </summary>
internal sealed unsafe class SyscallBench : IDisposable
{
    public const ulong Start = 0x10000;
    public const ulong End = Start + Bytes;
    public const ulong Unmapped = 0x4000_0000;
    public const ulong Here = unchecked((ulong)-100); // AT_FDCWD

    private const ulong Bytes = 64 << 10;
    private const ulong ReadOnlyBytes = 4096;

    private readonly PhysicalMemory _memory = new(1 << 20);
    private readonly SyscallTable _table = new();
    private readonly Hart _hart = new(0);
    private ulong _next = Start;

    public SyscallBench(LinuxOptions? options = null, params IDeviceProvider[] devices)
    {
        options ??= new LinuxOptions();
        World = new World("test", _memory);
        Assert.That(_memory.TryAllocate(Bytes + ReadOnlyBytes, 4096, out ulong physical), Is.True);
        Assert.That(World.TryMap(Start, Bytes, physical, Access.ReadWrite), Is.True);
        Assert.That(World.TryMap(ReadOnly, ReadOnlyBytes, physical + Bytes, Access.Read), Is.True);
        _hart.EnterWorld(World);
        Process = new LinuxProcess(World, _memory, options);
        Process.Files = new ProcessFiles(options, devices);
        Thread = new LinuxThread(Process, _hart, 1);
        foreach (ISyscallGroup group in FileSystemGroups.All)
            group.Register(_table);
        Folder = Directory.CreateTempSubdirectory("rvjit-files-").FullName;
    }

    /// <summary>A page that may only be read.</summary>
    public static ulong ReadOnly => 0x2000_0000;

    public World World { get; }

    public LinuxProcess Process { get; }

    public LinuxThread Thread { get; }

    /// <summary>A host directory of the test's own.</summary>
    public string Folder { get; }

    public long Call(int number, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0, ulong a5 = 0) =>
        CallOn(Thread, number, a0, a1, a2, a3, a4, a5);

    public long CallOn(LinuxThread thread, int number, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0, ulong a5 = 0)
    {
        SyscallHandler handler = _table.Find((ulong)number) ?? throw new AssertionException($"system call {number} is missing");
        return handler(thread, new SyscallArguments(a0, a1, a2, a3, a4, a5));
    }

    /// <summary>Zeroed guest memory, each piece on its own 16 bytes.</summary>
    public ulong Room(int bytes)
    {
        ulong at = _next;
        _next = (_next + (ulong)bytes + 15) & ~15UL;
        Assert.That(_next, Is.LessThan(End - 8192), "the bench is full");
        Assert.That(World.TryWrite(at, new byte[bytes]), Is.True);
        return at;
    }

    public ulong Text(string text) => Data([.. Encoding.UTF8.GetBytes(text), 0]);

    public ulong Data(ReadOnlySpan<byte> bytes)
    {
        ulong at = Room(bytes.Length);
        Put(at, bytes);
        return at;
    }

    public ulong Words(params ulong[] words) => Data(System.Runtime.InteropServices.MemoryMarshal.AsBytes<ulong>(words));

    public void Put(ulong at, ReadOnlySpan<byte> bytes) => Assert.That(World.TryWrite(at, bytes), Is.True);

    public byte[] BytesAt(ulong at, int count)
    {
        byte[] bytes = new byte[count];
        Assert.That(World.TryRead(at, bytes), Is.True);
        return bytes;
    }

    public string TextAt(ulong at, long length) => Encoding.UTF8.GetString(BytesAt(at, (int)length));

    public T At<T>(ulong at)
        where T : unmanaged
    {
        Assert.That(World.TryRead(at, out T value), Is.True);
        return value;
    }

    public string Write(string name, string contents)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, contents);
        return path;
    }

    /// <summary>openat with a host path.</summary>
    public long Open(string path, int flags = 0, int mode = 0x1a4) => Call(56, Here, Text(path), (ulong)flags, (ulong)mode);

    public void AddMemoryCalls() => new MemorySyscalls().Register(_table);

    /// <summary>What /proc tells about the program.</summary>
    public void Describe(string program, byte[] commandLine) =>
        Process.Files.Program = new ProgramDescription { Executable = program, CommandLine = commandLine };

    /// <summary>The process is ending, and this thread is told so.</summary>
    public void Interrupt()
    {
        Process.Exit(0);
        Thread.Interrupt(HartRequests.Stop);
    }

    public void Dispose()
    {
        Process.Files.Dispose();
        _hart.LeaveWorld();
        _hart.Dispose();
        World.Dispose();
        _memory.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
