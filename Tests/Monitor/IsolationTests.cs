using NUnit.Framework;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;

namespace RvJit.Tests.Monitor;

/// <summary>Who may touch what: register values, folded rights, what DESTROY leaves.</summary>
public unsafe class IsolationTests
{
    private const ulong HostEpm = 0x1000_0000;
    private const ulong HostUtm = 0x2000_0000;

    [Test]
    public void TheHostLosesTheEpmOnEveryHartWhenTheEnclaveIsMade()
    {
        using var board = new MonitorBoard();
        Hart second = board.AddHart();
        EnclaveCreateArguments layout = MappedByHost(board);
        Assert.That(Rights(board.HostWorld, HostEpm), Is.EqualTo(Access.ReadWrite));
        board.Monitor.Create(board.Hart, layout);
        Assert.Multiple(() =>
        {
            for (ulong page = 0; page < layout.EpmSize; page += 4096)
                Assert.That(Rights(board.HostWorld, HostEpm + page), Is.EqualTo(Access.None));
            Assert.That(board.HostWorld.TryLoad(HostEpm, 8, out _, out Trap read), Is.False);
            Assert.That(read, Is.EqualTo(new Trap(TrapCause.LoadAccessFault, HostEpm)));
            Assert.That(board.HostWorld.TryStore(HostEpm, 8, 0, out Trap write), Is.False);
            Assert.That(write.Cause, Is.EqualTo(TrapCause.StoreAccessFault));
            Assert.That(Rights(board.HostWorld, HostUtm), Is.EqualTo(Access.ReadWrite));
            Assert.That(second.Pmp.Grant(layout.EpmAddress, out _), Is.EqualTo(Access.None));
            Assert.That(second.Pmp.Grant(layout.EpmAddress + layout.EpmSize, out _), Is.EqualTo(Access.All));
            Assert.That(second.Pmp.Grant(0x8000_0000, out _), Is.EqualTo(Access.None));
        });
    }

    [Test]
    public void RegistersInsideAndOutside()
    {
        using var board = new MonitorBoard();
        EnclaveCreateArguments layout = board.LoadSmall();
        board.Monitor.Create(board.Hart, layout);
        PmpRegisters pmp = board.Hart.Pmp;
        Assert.That((pmp.Config(1), pmp.Address(1)), Is.EqualTo(((byte)0x18, PmpRegisters.NapotAddress(layout.EpmAddress, layout.EpmSize))));
        Assert.That((pmp.Config(7), pmp.Address(7)), Is.EqualTo(((byte)0x1f, ulong.MaxValue)));

        long before = pmp.Writes;
        board.Run(0);
        Assert.That(pmp.Writes - before, Is.EqualTo(3), "system off, EPM on, UTM on");
        Assert.That(pmp.Config(1), Is.EqualTo(0x1f));
        Assert.That((pmp.Config(7), pmp.Address(7)), Is.EqualTo(((byte)0x1b, PmpRegisters.NapotAddress(layout.UtmAddress, layout.UtmSize))));
        Assert.That(pmp.Grant(board.Memory.Base + 0x300_0000, out _), Is.EqualTo(Access.None), "other memory");

        board.Ecall(RuntimeCall.Ocall, 1);
        Assert.That(pmp.Writes - before, Is.EqualTo(6));
        Assert.That((pmp.Config(1), pmp.Config(7), pmp.Address(7)), Is.EqualTo(((byte)0x18, (byte)0x1f, ulong.MaxValue)));
    }

    [Test]
    public void AnEnclaveSeesItsOwnEpmAndNothingElse()
    {
        using var board = new MonitorBoard();
        EnclaveCreateArguments layout = board.Start();
        World world = board.Hart.World;
        Assert.That(world.IsEnclave, Is.True);
        Assert.Multiple(() =>
        {
            for (ulong page = 0; page < 0x4000_0000 >> 12; page++)
            {
                if (world.PermissionTable[page] == 0)
                    continue;
                Assert.That(world.TryFindRun(page << 12, out MappedRun run), Is.True);
                ulong physical = run.PhysicalAt(page << 12);
                Assert.That(physical, Is.InRange(layout.UserAddress, layout.EpmAddress + layout.EpmSize - 4096));
            }

            Assert.That(Rights(world, 0x10000), Is.EqualTo(Access.Read | Access.Execute));
            Assert.That(Rights(world, 0x12000), Is.EqualTo(Access.ReadWrite));
            Assert.That(Rights(world, 0x13000), Is.EqualTo(Access.ReadWrite));
            Assert.That(Rights(world, 0x14000), Is.EqualTo(Access.None));
            Assert.That(Rights(world, EnclaveAddressSpace.StackTop - 4096), Is.EqualTo(Access.ReadWrite));
            Assert.That(Rights(world, EnclaveAddressSpace.StackTop - EnclaveAddressSpace.StackSize), Is.EqualTo(Access.ReadWrite));
            Assert.That(Rights(world, EnclaveAddressSpace.StackTop - EnclaveAddressSpace.StackSize - 4096), Is.EqualTo(Access.None));
        });
    }

    [Test]
    public void AHostWorldThatComesLaterIsBlockedToo()
    {
        using var board = new MonitorBoard();
        EnclaveCreateArguments layout = board.LoadSmall();
        board.Monitor.Create(board.Hart, layout);
        using var late = new World("late", board.Memory);
        late.TryMap(HostEpm, layout.EpmSize, layout.EpmAddress, Access.ReadWrite);
        board.Monitor.AddHostWorld(late);
        Assert.That(Rights(late, HostEpm), Is.EqualTo(Access.None));
        board.Monitor.Destroy(board.Hart, 0);
        Assert.That(Rights(late, HostEpm), Is.EqualTo(Access.ReadWrite));
        board.Monitor.RemoveHostWorld(late);
    }

    [Test]
    public void OneEnclaveCannotReachAnother()
    {
        using var board = new MonitorBoard();
        EnclaveCreateArguments other = board.LoadSmall();
        board.Monitor.Create(board.Hart, other);
        board.Monitor.Create(board.Hart, board.LoadSmall());
        board.Run(1);
        Assert.That(board.Hart.Pmp.Grant(other.EpmAddress, out _), Is.EqualTo(Access.None));
        Assert.That(board.Hart.Pmp.Grant(other.UtmAddress, out _), Is.EqualTo(Access.None));
    }

    [Test]
    public void DestroyLeavesZeroesAndGivesTheMemoryBack()
    {
        using var board = new MonitorBoard();
        EnclaveCreateArguments layout = MappedByHost(board);
        board.Monitor.Create(board.Hart, layout);
        board.Run(0);
        board.Hart.World.TryWrite(EnclaveAddressSpace.StackTop - 8, 0xdead_beefUL);
        board.Hart.World.TryWrite(0x12000, 0xdead_beefUL);
        board.Ecall(RuntimeCall.Ocall, 1, 0x12000, 8);
        Assert.That(board.Memory.Span(layout.UtmAddress, 64).IndexOfAnyExcept((byte)0), Is.Not.Negative);
        Assert.That(board.Monitor.Destroy(board.Hart, 0).Error, Is.EqualTo(KeystoneError.Success));
        Assert.Multiple(() =>
        {
            Assert.That(board.Memory.Span(layout.EpmAddress, (int)layout.EpmSize).IndexOfAnyExcept((byte)0), Is.Negative);
            Assert.That(board.Memory.Span(layout.UtmAddress, (int)layout.UtmSize).IndexOfAnyExcept((byte)0), Is.Negative);
            Assert.That(Rights(board.HostWorld, HostEpm), Is.EqualTo(Access.ReadWrite));
            Assert.That(board.Hart.Pmp.Config(1), Is.Zero);
        });
    }

    [Test]
    public void TheUtmIsZeroWhenTheEnclaveIsMade()
    {
        using var board = new MonitorBoard();
        EnclaveCreateArguments layout = board.LoadSmall();
        board.Utm(layout).Fill(0x55);
        board.Monitor.Create(board.Hart, layout);
        Assert.That(board.Utm(layout).IndexOfAnyExcept((byte)0), Is.Negative);
    }

    [Test]
    public void RegistersOfBothSidesArePreserved()
    {
        using var board = new MonitorBoard();
        board.LoadSmall();
        board.Monitor.Create(board.Hart, board.LoadSmall());
        HartState* s = board.Hart.State;
        Fill(s, 1000);
        FloatingPointControl.Write(ref *s, 0x41);
        board.Run(0);
        Assert.That(s->X[8], Is.Zero, "nothing of the host inside");
        Assert.That(s->F[8], Is.Zero);
        Assert.That(FloatingPointControl.Read(*s), Is.Zero);

        Fill(s, 2000);
        s->X[2] = 0x3fff_ff00;
        s->Pc = 0x10000;
        FloatingPointControl.Write(ref *s, 0x62);
        board.Ecall(RuntimeCall.Ocall, 1);
        AssertFilled(s, 1000);
        Assert.That(FloatingPointControl.Read(*s), Is.EqualTo(0x41));

        Fill(s, 3000);
        board.Resume(0);
        Assert.That(s->Pc, Is.EqualTo(0x10004));
        Assert.That((s->X[8], s->X[31], s->F[0], s->F[31]), Is.EqualTo((2008, 2031, 2000, 2031)));
        Assert.That(s->X[10], Is.Zero);
        Assert.That(FloatingPointControl.Read(*s), Is.EqualTo(0x62));
    }

    private static EnclaveCreateArguments MappedByHost(MonitorBoard board)
    {
        EnclaveCreateArguments layout = board.LoadSmall();
        board.HostWorld.TryMap(HostEpm, layout.EpmSize, layout.EpmAddress, Access.ReadWrite);
        board.HostWorld.TryMap(HostUtm, layout.UtmSize, layout.UtmAddress, Access.ReadWrite);
        return layout;
    }

    private static Access Rights(World world, ulong address) => (Access)(world.PermissionTable[address >> 12] & 7);

    private static void Fill(HartState* s, ulong seed)
    {
        for (ulong i = 0; i < 32; i++)
        {
            s->X[i] = i == 0 ? 0 : seed + i;
            s->F[i] = seed + i;
        }
    }

    private static void AssertFilled(HartState* s, ulong seed)
    {
        for (ulong i = 0; i < 32; i++)
        {
            Assert.That(s->X[i], Is.EqualTo(i == 0 ? 0 : seed + i));
            Assert.That(s->F[i], Is.EqualTo(seed + i));
        }
    }
}
