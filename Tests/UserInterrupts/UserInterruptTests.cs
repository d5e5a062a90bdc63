using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.UserInterrupts;

/// <summary>uipi between harts of a world, in both tiers: delivery, posting, coalescing, refusal, waiting.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed unsafe class UserInterruptTests : IDisposable
{
    private const ulong ReceiverCode = GuestHarness.CodeAddress + 0x2000;
    private const ulong Handler = GuestHarness.CodeAddress + 0x1000;
    private const int SecondsUntilHung = 60;
    private const int A0 = 10;
    private const int A1 = 11;
    private const int A2 = 12;

    private readonly GuestHarness _guest;
    private readonly UserInterruptController _controller = new();
    private readonly UserInterruptReceiver _receiver;
    private readonly UserInterruptSenders _senders = new();
    private readonly Hart _other = new(1);
    private readonly UserTraps _theirs;

    public UserInterruptTests(Tier tier)
    {
        _guest = new GuestHarness(tier);
        _guest.Hart.SwitchUserInterrupts(new UserInterruptPort(_controller) { Senders = _senders });
        _receiver = _controller.RegisterReceiver()!;
        _theirs = new UserTraps(new UserInterruptPort(_controller) { Receiver = _receiver }, ExtensionSet.Max)
        {
            DelegatedInterrupts = UserTraps.Software,
        };
        _other.EnterWorld(_guest.World);
        _other.SwitchUserInterrupts(_theirs);
        foreach ((int csr, ulong value) in new[] { (Csr.Utvec, Handler), (Csr.Uie, 1UL), (Csr.Ustatus, 1UL) })
            Assert.That(_other.Csrs.TryWrite(_other, csr, value));
        _guest.Assemble(ReceiverCode, Encoder.Word("addi", rd: A0, rs1: A0, imm: 1), Encoder.Word("jal", imm: -4));
        _guest.Assemble(Handler, Encoder.Word("uipi.read", rd: A1), Encoder.Word("csrrs", rd: A2, csr: Csr.Ucause));
    }

    public void Dispose()
    {
        _other.Dispose();
        _guest.Dispose();
    }

    [Test]
    public void ArrivesInALoopThatOnlyTurns()
    {
        int index = _senders.Add(_receiver, 5);
        Task<Trap> run = RunOther();
        SpinWait.SpinUntil(() => Volatile.Read(ref _other.State->InCode) != 0);

        Send(index);

        Assert.That(run.Wait(TimeSpan.FromSeconds(SecondsUntilHung)));
        Assert.That(run.Result.Value, Is.EqualTo(Handler + 8), "the handler's end");
        Assert.That((_other.State->X[A1], _other.State->X[A2]), Is.EqualTo((1UL << 5, 1UL << 63)));
        Assert.That(_receiver.Pending, Is.Zero);
        Assert.That(_controller.Statistics, Is.EqualTo(new UserInterruptStatistics(1, 0, 0, 0, 1, 0)));
    }

    [Test]
    public void IsPostedToAReceiverThatDoesNotRun()
    {
        _other.SwitchUserInterrupts((UserInterruptPort?)null);
        Send(_senders.Add(_receiver, 0));
        Send(_senders.Add(_receiver, 63));
        Assert.That(_receiver.Pending, Is.EqualTo((1UL << 63) | 1));

        _other.SwitchUserInterrupts(_theirs);
        Assert.That(RunOther().Result.Value, Is.EqualTo(Handler + 8));

        Assert.That(_other.State->X[A1], Is.EqualTo((1UL << 63) | 1));
        Assert.That(_other.State->X[A0], Is.Zero, "before the first instruction");
        Assert.That(_controller.Statistics, Is.EqualTo(new UserInterruptStatistics(2, 1, 1, 0, 1, 0)));
    }

    [TestCase(0UL)]
    [TestCase(1UL)]
    [TestCase(511UL)]
    [TestCase(1UL << 32)]
    [TestCase(ulong.MaxValue)]
    public void AnIndexThatMeansNothingIsNothing(ulong index)
    {
        _guest.X[A0] = index;
        Trap trap = _guest.RunCode(Encoder.Word("uipi.send", rs1: A0));
        Assert.That((trap.Cause, _guest.Pc), Is.EqualTo((TrapCause.Breakpoint, GuestHarness.CodeAddress + 4)));
        Assert.That(_controller.Statistics, Is.EqualTo(new UserInterruptStatistics(0, 0, 0, 1, 0, 0)));
        Assert.That(_receiver.Pending, Is.Zero);
    }

    /// <summary>Whoever gets a receiver's number later is not reached by old rights.</summary>
    [Test]
    public void RightsEndWithTheReceiver()
    {
        int index = _senders.Add(_receiver, 3);
        _controller.Release(_receiver);
        UserInterruptReceiver next = _controller.RegisterReceiver()!;
        Assert.That(next.Index, Is.EqualTo(_receiver.Index));

        Send(index);

        Assert.That((_receiver.Pending, next.Pending), Is.EqualTo((0UL, 0UL)));
        Assert.That(_controller.Statistics.Refused, Is.EqualTo(1));

        int other = _senders.Add(next, 1);
        _senders.Remove(other);
        Send(other);
        Assert.That(next.Pending, Is.Zero);
        Assert.That(_controller.Statistics.Refused, Is.EqualTo(2));
    }

    [Test]
    public void AReceiverThatIsNotActiveIsNotInterrupted()
    {
        Send(_senders.Add(_receiver, 1));
        _guest.Assemble(ReceiverCode, Encoder.Word("uipi.deactivate"), Encoder.Word("csrrsi", csr: Csr.Ustatus, uimm: 1),
            Encoder.Word("csrrs", rd: A0, csr: Csr.Uip), Encoder.Word("uipi.activate"), Encoder.Word("addi", rd: A0, imm: 99));
        Assert.That(_other.Csrs.TryWrite(_other, Csr.Ustatus, 0));

        Assert.That(RunOther().Result.Value, Is.EqualTo(Handler + 8));

        Assert.That(_other.State->X[A0], Is.Zero, "USIP was not up, and the interrupt came right behind the activation");
        Assert.That(_other.Csrs.TryRead(_other, Csr.Uepc, out ulong at) && at == ReceiverCode + 16);
    }

    [Test]
    public void WaitEndsWhenSomethingIsSent()
    {
        _guest.Assemble(ReceiverCode, Encoder.Word("uipi.wait", rs1: A2), Encoder.Word("addi", rd: A0, imm: 1));
        _other.State->X[A2] = ulong.MaxValue;
        int index = _senders.Add(_receiver, 7);
        Task<Trap> run = RunOther();
        Assert.That(run.Wait(20), Is.False);

        Send(index);

        Assert.That(run.Wait(TimeSpan.FromSeconds(SecondsUntilHung)));
        Assert.That((run.Result.Value, _other.State->X[A1]), Is.EqualTo((Handler + 8, 1UL << 7)));
        Assert.That(_other.Csrs.TryRead(_other, Csr.Uepc, out ulong at) && at == ReceiverCode + 4);
    }

    [Test]
    public void WaitEndsAtItsDeadlineAndOnRequest()
    {
        _guest.Assemble(ReceiverCode, Encoder.Word("uipi.wait", rs1: A2), 0x9002u);
        _other.State->X[A2] = HostClock.Ticks + (UserCsrs.TimebaseHertz / 100);
        Assert.That(RunOther().Result.Value, Is.EqualTo(ReceiverCode + 4));
        Assert.That(HostClock.Ticks, Is.GreaterThanOrEqualTo(_other.State->X[A2]));

        _other.State->X[A2] = ulong.MaxValue;
        Task<Trap> run = RunOther();
        Assert.That(run.Wait(20), Is.False);
        _other.Request(HartRequests.Stop);
        Assert.That(run.Wait(TimeSpan.FromSeconds(SecondsUntilHung)));
        Assert.That((run.Result.Cause, _other.State->Pc), Is.EqualTo((TrapCause.Requested, ReceiverCode + 4)));
    }

    [Test]
    public void AHartThatEndedIsOnlyPostedTo()
    {
        int index = _senders.Add(_receiver, 2);
        _other.Dispose();
        Send(index);
        Assert.That(_receiver.Pending, Is.EqualTo(4));
        Assert.That(_controller.Statistics.Posted, Is.EqualTo(1));
    }

    /// <summary>Sending a thousand times leaves translated code a few times at most, for what is not sending.</summary>
    [Test]
    public void SendingStaysInCode()
    {
        const int Times = 1000;
        int index = _senders.Add(_receiver, 0);
        _guest.X[A0] = (ulong)index;
        _guest.X[A1] = Times;
        uint[] loop = [Encoder.Word("uipi.send", rs1: A0), Encoder.Word("uipi.read", rd: A2), Encoder.Word("addi", rd: A1, rs1: A1, imm: -1), Encoder.Word("bne", rs1: A1, imm: -12)];
        long before = _guest.State->Epoch;

        Assert.That(_guest.RunCode(loop).Cause, Is.EqualTo(TrapCause.Breakpoint));

        Assert.That(_guest.State->Epoch - before, Is.LessThan(Times / 10));
        UserInterruptStatistics counted = _controller.Statistics;
        Assert.That((counted.Sent, counted.Coalesced, counted.Spurious), Is.EqualTo((Times, Times - 1, Times)), "the sender has no receiver of its own");
    }

    /// <summary>Two harts at once, each interrupt counted by its bits: none is lost.</summary>
    [Test]
    public void NothingIsLostBetweenTwoHarts()
    {
        const int Rounds = 20_000;
        _guest.Assemble(Handler, Encoder.Word("uipi.read", rd: A1), Encoder.Word("add", rd: A2, rs1: A2, rs2: A1), Encoder.Word("uret"));
        _guest.Assemble(ReceiverCode, Encoder.Word("addi", rd: A0, rs1: A0, imm: 1), Encoder.Word("jal", imm: -4));
        Task<Trap> run = RunOther();
        int index = _senders.Add(_receiver, 0);
        _guest.X[A0] = (ulong)index;
        _guest.X[A1] = Rounds;
        Assert.That(_guest.RunCode(Encoder.Word("uipi.send", rs1: A0), Encoder.Word("addi", rd: A1, rs1: A1, imm: -1), Encoder.Word("bne", rs1: A1, imm: -8)).Cause,
            Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(SpinWait.SpinUntil(() => _receiver.Pending == 0, TimeSpan.FromSeconds(SecondsUntilHung)), "the last one arrives");
        _other.Request(HartRequests.Stop);
        Assert.That(run.Wait(TimeSpan.FromSeconds(SecondsUntilHung)));

        UserInterruptStatistics counted = _controller.Statistics;
        Assert.That((counted.Sent, counted.Refused, counted.Posted), Is.EqualTo((Rounds, 0L, 0L)));
        Assert.That(_other.State->X[A2], Is.InRange((ulong)(Rounds - counted.Coalesced) - 1, (ulong)(Rounds - counted.Coalesced)),
            "what was not coalesced was read, but for one that the request came before");
    }

    private Task<Trap> RunOther()
    {
        _other.State->Pc = ReceiverCode;
        return Task.Run(() => _guest.Engine.Run(_other));
    }

    /// <summary>The guest's hart sends.</summary>
    private void Send(int index)
    {
        _guest.X[A0] = (ulong)index;
        Assert.That(_guest.RunCode(Encoder.Word("uipi.send", rs1: A0)).Cause, Is.EqualTo(TrapCause.Breakpoint));
    }
}
