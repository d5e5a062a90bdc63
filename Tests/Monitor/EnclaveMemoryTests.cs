using NUnit.Framework;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;

namespace RvJit.Tests.Monitor;

/// <summary>What an eapp gets at start and by system calls that its runtime answers (Keystone runtime/mm, call/linux_wrap.c).</summary>
public unsafe class EnclaveMemoryTests
{
    private const ulong Minus1 = ulong.MaxValue;
    private const ulong Brk = 214, Munmap = 215, Mmap = 222, Mprotect = 226;

    [Test]
    public void RegistersAtTheFirstInstruction()
    {
        using var board = new MonitorBoard();
        board.Start();
        HartState* s = board.Hart.State;
        Assert.That((s->Pc, s->X[2]), Is.EqualTo((0x10000, 0x3fff_ff08)));
        for (int i = 0; i < 32; i++)
            Assert.That(s->X[i], i == 2 ? Is.Not.Zero : Is.Zero);
    }

    [Test]
    public void TheStackOfALibc()
    {
        using var board = new MonitorBoard();
        board.Start();
        ulong[] words = new ulong[31];
        for (int i = 0; i < words.Length; i++)
            board.Hart.World.TryRead(0x3fff_ff08 + ((ulong)i * 8), out words[i]);

        // No segment of this eapp holds its program headers: AT_PHDR and AT_PHNUM are missing and the rest moves up.
        Assert.That(words[..23], Is.EqualTo(new ulong[]
        {
            0, 0, 0, 16, 0x112d, 32, 0, 6, 4096, 31, 0, 23, 0, 25, 0x3fff_ff08 + (25 * 8), 13, 1, 14, 1, 11, 1, 12, 1,
        }[..23]));
        Assert.That((words[23], words[24]), Is.EqualTo((0, 0)), "AT_NULL");
        Assert.That((words[25], words[26]), Is.Not.EqualTo((0, 0)), "16 random bytes");
    }

    [Test]
    public void ProgramHeadersAreWhereTheFirstSegmentHasThem()
    {
        using var board = new MonitorBoard();
        byte[] eapp = EnclaveImage.SmallEapp();
        BitConverter.TryWriteBytes(eapp.AsSpan(64 + 8), 0UL); // the first segment begins with the file
        board.Start(eapp);
        board.Hart.World.TryRead(0x3fff_ff08 + (23 * 8), out ulong key);
        board.Hart.World.TryRead(0x3fff_ff08 + (24 * 8), out ulong value);
        board.Hart.World.TryRead(0x3fff_ff08 + (26 * 8), out ulong count);
        Assert.That((key, value, count), Is.EqualTo((3, 0x10040, 2)));
    }

    [TestCase("ENV_SETUP LINUX_SYSCALL IO_SYSCALL ", 0x3fff_ff08UL, 2UL)]
    [TestCase("LINUX_SYSCALL", 0x4000_0000UL, 2UL)]
    [TestCase("IO_SYSCALL ", 0x4000_0000UL, Minus1)]
    [TestCase("", 0x4000_0000UL, Minus1)]
    [TestCase("NOT_LINUX_SYSCALL ENV_SETUPS", 0x4000_0000UL, Minus1)]
    public void TheRuntimeFilesOptionsAreHeeded(string log, ulong stackPointer, ulong getpid)
    {
        using var board = new MonitorBoard();
        byte[] runtime = EnclaveImage.Build(0xffff_ffff_c000_0000, [new ImageSegment(0xffff_ffff_c000_0000, new byte[100], 4096, 7)], log);
        board.Monitor.Create(board.Hart, board.Load([1], runtime, EnclaveImage.SmallEapp(), 1 << 20, 1 << 16));
        board.Run(0);
        Assert.That(board.Hart.State->X[2], Is.EqualTo(stackPointer));
        Assert.That(board.Ecall(172), Is.EqualTo(getpid));
    }

    [Test]
    public void FreeMemoryPaysForEverything()
    {
        using var board = new MonitorBoard();
        EnclaveCreateArguments layout = board.Start();
        ulong free = (layout.EpmAddress + layout.EpmSize - layout.FreeAddress) / 4096;

        // The eapp: two tables, two data pages. The stack: a table, 32 pages.
        free -= 2 + 2 + 1 + 32;

        // A heap in a new place costs two tables.
        Assert.That(board.Ecall(Mmap, 0, (free - 1) * 4096, 3, 0x22, Minus1), Is.EqualTo(Minus1));
        Assert.That(board.Ecall(Mmap, 0, (free - 2) * 4096, 3, 0x22, Minus1), Is.EqualTo(0x20_0000_0000));
        Assert.That(board.Ecall(Mmap, 0, 4096, 3, 0x22, Minus1), Is.EqualTo(Minus1));
        Assert.That(board.Ecall(Munmap, 0x20_0000_0000, 4096), Is.Zero);
        Assert.That(board.Ecall(Mmap, 0, 4096, 3, 0x22, Minus1), Is.EqualTo(0x20_0000_0000));
    }

    [Test]
    public void ARuntimeFileTakesItsZeroPagesAndTables()
    {
        using var board = new MonitorBoard();
        byte[] runtime = EnclaveImage.Build(0xffff_ffff_c000_0000, [new ImageSegment(0xffff_ffff_c000_0000, new byte[0x2100], 0x5000, 7)]);
        EnclaveCreateArguments layout = board.Load([1], runtime, EnclaveImage.SmallEapp(), 1 << 20, 1 << 16);
        board.Monitor.Create(board.Hart, layout);
        board.Run(0);
        ulong free = (layout.EpmAddress + layout.EpmSize - layout.FreeAddress) / 4096;

        // Three of five pages and two tables; two tables for the UTM; then as above, and two for the heap.
        free -= 3 + 2 + 2 + (2 + 2 + 1 + 32) + 2;
        Assert.That(board.Ecall(Mmap, 0, (free + 1) * 4096, 3, 0x22, Minus1), Is.EqualTo(Minus1));
        Assert.That(board.Ecall(Mmap, 0, free * 4096, 3, 0x22, Minus1), Is.EqualTo(0x20_0000_0000));
    }

    [Test]
    public void TheBreakGrowsByPagesAndNeverShrinks()
    {
        using var board = new MonitorBoard();
        board.Start();
        const ulong Start = 0x20_4000_0000;
        Assert.That(board.Ecall(Brk, 0), Is.EqualTo(Start));
        Assert.That(board.Ecall(Brk, Start + 100), Is.EqualTo(Start + 100));
        Assert.That(board.Ecall(Brk, 0), Is.EqualTo(Start + 4096));
        Assert.That(board.Hart.World.TryWrite(Start + 4088, 1UL), Is.True);
        Assert.That(board.Hart.World.TryWrite(Start + 4096, 1UL), Is.False);
        Assert.That(board.Ecall(Brk, Start + 10), Is.EqualTo(Start + 10));
        Assert.That(board.Ecall(Brk, 0), Is.EqualTo(Start + 4096));
        Assert.That(board.Ecall(Brk, Start + (1 << 30)), Is.EqualTo(Start + 4096), "as Linux does");
        Assert.That(board.Ecall(Brk, Minus1), Is.EqualTo(Start + 4096));
        Assert.That(board.Ecall(Brk, 0), Is.EqualTo(Start + 4096));
    }

    [Test]
    public void NewMemoryIsZeroWhateverTheHostLeftThere()
    {
        using var board = new MonitorBoard();
        EnclaveCreateArguments layout = board.LoadSmall();
        board.Memory.Span(layout.FreeAddress, (int)(layout.EpmAddress + layout.EpmSize - layout.FreeAddress)).Fill(0xEE);
        board.Monitor.Create(board.Hart, layout);
        board.Run(0);
        ulong at = board.Ecall(Mmap, 0, 64 * 4096, 3, 0x22, Minus1);
        byte[] bytes = new byte[64 * 4096];
        Assert.That(board.Hart.World.TryRead(at, bytes), Is.True);
        Assert.That(bytes, Is.All.Zero);
        board.Hart.World.TryWrite(at, ulong.MaxValue);
        board.Ecall(Munmap, at, 4096);
        Assert.That(board.Hart.World.TryRead(at, out ulong _), Is.False);
        Assert.That(board.Ecall(Mmap, 0, 4096, 3, 0x22, Minus1), Is.EqualTo(at));
        board.Hart.World.TryRead(at, out ulong again);
        Assert.That(again, Is.Zero);
    }

    [Test]
    public void RightsChange()
    {
        using var board = new MonitorBoard();
        board.Start();
        ulong at = board.Ecall(Mmap, 0, 3 * 4096, 3, 0x22, Minus1);
        Assert.That(board.Ecall(Mprotect, at + 4096, 4096, 1), Is.Zero);
        Assert.That(board.Hart.World.TryWrite(at + 4096, 1UL), Is.False);
        Assert.That(board.Hart.World.TryWrite(at, 1UL), Is.True);
        Assert.That(board.Ecall(Mprotect, at, 3 * 4096, 7), Is.Zero);
        Assert.That(board.Hart.World.TryFetch(at + 4096, out _, out _), Is.True);
        Assert.That(board.Ecall(Mprotect, at, 4 * 4096, 3), Is.EqualTo(Minus1), "one page too many");
        Assert.That(board.Ecall(Mprotect, Minus1 & ~0xfffUL, 4096, 3), Is.EqualTo(Minus1));
        Assert.That(board.Ecall(Mprotect, at, Minus1, 3), Is.EqualTo(Minus1));
    }

    [TestCase(4096UL, 0x21UL, Minus1, Description = "shared")]
    [TestCase(4096UL, 0x32UL, Minus1, Description = "fixed")]
    [TestCase(4096UL, 0x22UL, 3UL, Description = "a file")]
    [TestCase(0UL, 0x22UL, Minus1, Description = "nothing")]
    [TestCase(Minus1, 0x22UL, Minus1, Description = "everything")]
    [TestCase(1UL << 38, 0x22UL, Minus1)]
    public void OnlyPrivateAnonymousMemory(ulong length, ulong flags, ulong fd)
    {
        using var board = new MonitorBoard();
        board.Start();
        Assert.That(board.Ecall(Mmap, 0, length, 3, flags, fd), Is.EqualTo(Minus1));
    }

    [TestCase(0x22UL)]
    [TestCase(0x20022UL, Description = "a stack")]
    [TestCase(0x4022UL, Description = "no reserve: an arena")]
    public void MemoryWithoutRightsCostsNothingUntilItGetsSome(ulong flags)
    {
        using var board = new MonitorBoard();
        board.Start();
        ulong at = board.Ecall(Mmap, 0, 1UL << 30, 0, flags, Minus1);
        Assert.That(at, Is.Not.EqualTo(Minus1));
        Assert.That(board.Hart.World.TryRead(at, out ulong _), Is.False);
        Assert.That(board.Ecall(Mprotect, at + 4096, 8192, 3), Is.Zero);
        Assert.That(board.Hart.World.TryWrite(at + 4096, 1UL), Is.True);
        Assert.That(board.Hart.World.TryRead(at, out ulong _), Is.False);
        Assert.That(board.Ecall(Mprotect, at, 1UL << 30, 3), Is.EqualTo(Minus1), "more than there is");
    }

    [Test]
    public void UnmappingNothingAndEverythingIsFine()
    {
        using var board = new MonitorBoard();
        board.Start();
        Assert.That(board.Ecall(Munmap, Minus1 & ~0xfffUL, 4096), Is.Zero);
        Assert.That(board.Ecall(Munmap, 0, Minus1), Is.Zero);
        Assert.That(board.Hart.World.TryRead(0x10000, out ulong _), Is.False);
        Assert.That(board.Ecall(Mmap, 0, 4096, 3, 0x22, Minus1), Is.Not.EqualTo(Minus1));
    }

    [Test]
    public void SmallAnswers()
    {
        using var board = new MonitorBoard();
        board.Start();
        Assert.That(board.Ecall(172), Is.EqualTo(2), "getpid");
        Assert.That(board.Ecall(96), Is.EqualTo(1), "set_tid_address");
        Assert.That(board.Ecall(134), Is.Zero, "rt_sigaction");
        Assert.That(board.Ecall(135), Is.Zero, "rt_sigprocmask");
        Assert.That(board.Ecall(160, 0x12000), Is.Zero, "uname");
        byte[] name = new byte[390];
        board.Hart.World.TryRead(0x12000, name);
        Assert.That(string.Join(' ', System.Text.Encoding.ASCII.GetString(name).Split('\0', StringSplitOptions.RemoveEmptyEntries)),
            Is.EqualTo("Linux Encl 5.16.0 Eyrie NA"));
        Assert.That(board.Ecall(113, 0, 0x12000), Is.Zero, "clock_gettime");
        Assert.That(board.Ecall(278, 0x12000, 13, 0), Is.EqualTo(13), "getrandom");
        Assert.That(board.Ecall(278, 0x10000, 13, 0), Is.EqualTo(Minus1), "getrandom into code");
        Assert.That(board.Ecall(278, 0x12000, Minus1, 0), Is.EqualTo(Minus1));
    }

    [TestCase(TrapCause.LoadPageFault, 0UL, "[runtime] page fault at 0x247de on 0x0 (scause: 0xd)")]
    [TestCase(TrapCause.StorePageFault, 0x1234UL, "[runtime] page fault at 0x247de on 0x1234 (scause: 0xf)")]
    [TestCase(TrapCause.InstructionPageFault, 0x247deUL, "[runtime] non-handlable interrupt/exception at 0x247de on 0x247de (scause: 0xc)")]
    [TestCase(TrapCause.IllegalInstruction, 0UL, "[runtime] non-handlable interrupt/exception at 0x247de on 0x0 (scause: 0x2)")]
    [TestCase(TrapCause.Breakpoint, 0UL, "[runtime] non-handlable interrupt/exception at 0x247de on 0x0 (scause: 0x3)")]
    public void FaultsEndTheEnclave(TrapCause cause, ulong address, string message)
    {
        using var board = new MonitorBoard();
        board.Start();
        board.Hart.State->Pc = 0x247de;
        board.Hart.World.TrapHandler!.Handle(board.Hart, new Trap(cause, address));
        Assert.That(board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.Success, Minus1)));
        Assert.That(board.Console.ToString().TrimEnd(), Is.EqualTo(message));
    }
}
