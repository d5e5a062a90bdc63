using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Machine;

/// <summary>When a call that takes rights away has returned, no hart uses them any more.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[TestFixture(Tier.Auto)]
public sealed unsafe class RevocationTests(Tier tier) : IDisposable
{
    private const ulong Page = 0x40_0000;
    private const int Rounds = 150;
    private const int Watched = 2000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly GuestHarness _guest = new(tier);
    private volatile bool _stopping;

    public enum Way
    {
        ProtectToRead,
        ProtectToNothing,
        Unmap,
        MapAnother,
        Pmp,
    }

    public void Dispose() => _guest.Dispose();

    [Test]
    public void NoStoreArrivesAfterwards([Values] Way way)
    {
        ulong physical = _guest.Map(Page, HostMemory.PageSize, Access.ReadWrite);
        Assert.That(_guest.Memory.TryAllocate(HostMemory.PageSize, HostMemory.PageSize, out ulong other));
        ulong* cell = (ulong*)_guest.Memory.Pointer(physical, HostMemory.PageSize);

        // for (;;) *a1 = ++a0;
        _guest.Assemble(GuestHarness.CodeAddress,
            Encoder.Word("addi", rd: 10, rs1: 10, imm: 1), Encoder.Word("sd", rs1: 11, rs2: 10), Encoder.Word("jal", imm: -8));
        _guest.X[11] = Page;
        var hart = new Thread(RunUntilStopped);
        hart.Start();
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                ulong before = Volatile.Read(ref *cell);
                Assert.That(SpinWait.SpinUntil(() => Volatile.Read(ref *cell) != before, s_patience), "the hart stores");

                Revoke(way, physical, other);
                ulong last = Volatile.Read(ref *cell);
                for (int n = 0; n < Watched; n++)
                {
                    if (Volatile.Read(ref *cell) != last)
                        Assert.Fail($"round {round}: a store arrived after {way}");
                }

                Grant(way, physical);
            }
        }
        finally
        {
            _stopping = true;
            _guest.Hart.Request(HartRequests.Stop);
            hart.Join();
        }
    }

    /// <summary>The call itself must wait: a hart that is in code may have passed its check already.</summary>
    [Test]
    public void WaitsForAHartThatMayHavePassedItsCheck([Values] Way way, [Values] bool holdsCode)
    {
        ulong physical = _guest.MapCode(Page, HostMemory.PageSize);
        Assert.That(_guest.Memory.TryAllocate(HostMemory.PageSize, HostMemory.PageSize, out ulong other));
        if (holdsCode)
        {
            _guest.Assemble(Page, Encoder.Word("addi", rd: 10, imm: 1));
            Assert.That(_guest.Run(Page).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(_guest.World.PermissionTable[Page >> HostMemory.PageShift] & PageFlags.Code, Is.Not.Zero);
        }


        Volatile.Write(ref _guest.State->InCode, 1);
        Task revoking = Task.Run(() => Revoke(way, physical, other));
        bool returned = revoking.Wait(TimeSpan.FromMilliseconds(50));
        int poll = Volatile.Read(ref _guest.State->Poll);
        Volatile.Write(ref _guest.State->InCode, 0);

        Assert.That(revoking.Wait(s_patience));
        Assert.That(returned, Is.False, $"{way} did not wait");
        Assert.That(poll, Is.EqualTo(1), "the hart was asked to come out");
    }

    [Test]
    public void DoesNotWaitForNothing()
    {
        _guest.Map(Page, HostMemory.PageSize, Access.Read);
        Volatile.Write(ref _guest.State->InCode, 1);

        Task granting = Task.Run(() => _guest.World.Protect(Page, HostMemory.PageSize, Access.ReadWrite));
        bool returned = granting.Wait(s_patience);
        Volatile.Write(ref _guest.State->InCode, 0);

        Assert.That(returned);
    }

    /// <summary>Translated code leaves straight to an ecall behind it, which is fetched again each time.</summary>
    [Test]
    public void AnEcallIsNotServedFromAPageThatWasTakenAway([Values] Way way)
    {
        ulong physical = _guest.MapCode(Page, HostMemory.PageSize);
        Assert.That(_guest.Memory.TryAllocate(HostMemory.PageSize, HostMemory.PageSize, out ulong other));
        _guest.MapCode(Page - HostMemory.PageSize, HostMemory.PageSize);
        ulong start = Page - (2 * sizeof(uint));
        _guest.Assemble(start, Encoder.Word("addi", rd: 10, imm: 1), Encoder.Word("addi", rd: 11, imm: 1), Encoder.Word("ecall"));
        for (int round = 0; round < Rounds; round++)
        {
            Assert.That(_guest.Run(start), Is.EqualTo(new Trap(TrapCause.EnvironmentCallFromU, 0)));
            Assert.That(_guest.Pc, Is.EqualTo(Page));
        }

        Revoke(way, physical, other);

        TrapCause fault = way == Way.Pmp ? TrapCause.InstructionAccessFault : TrapCause.InstructionPageFault;
        Assert.That(_guest.Run(start), Is.EqualTo(new Trap(fault, Page)));
        Assert.That(_guest.Pc, Is.EqualTo(Page));
    }

    private void RunUntilStopped()
    {
        _guest.Pc = GuestHarness.CodeAddress;
        while (!_stopping)
        {
            Trap trap = _guest.Engine.Run(_guest.Hart);
            if (trap.Cause is not (TrapCause.StorePageFault or TrapCause.StoreAccessFault or TrapCause.Requested))
                return;
        }
    }

    private void Revoke(Way way, ulong physical, ulong other)
    {
        World world = _guest.World;
        switch (way)
        {
            case Way.ProtectToRead: world.Protect(Page, HostMemory.PageSize, Access.Read); break;
            case Way.ProtectToNothing: world.Protect(Page, HostMemory.PageSize, Access.None); break;
            case Way.Unmap: world.Unmap(Page, HostMemory.PageSize); break;
            case Way.MapAnother: Assert.That(world.TryMap(Page, HostMemory.PageSize, other, Access.ReadWrite)); break;
            default: world.ApplyPmp(Deny(physical)); break;
        }
    }

    private void Grant(Way way, ulong physical)
    {
        if (way == Way.Pmp)
            _guest.World.ApplyPmp(new PmpRegisters(0));
        else if (way is Way.ProtectToRead or Way.ProtectToNothing)
            _guest.World.Protect(Page, HostMemory.PageSize, Access.ReadWrite);
        else
            Assert.That(_guest.World.TryMap(Page, HostMemory.PageSize, physical, Access.ReadWrite));
    }

    private static PmpRegisters Deny(ulong physical)
    {
        var pmp = new PmpRegisters(2);
        pmp.Set(0, PmpRegisters.ModeNapot, PmpRegisters.NapotAddress(physical, HostMemory.PageSize));
        pmp.Set(1, PmpRegisters.ModeNapot | (byte)Access.All, (1UL << 54) - 1);
        return pmp;
    }
}
