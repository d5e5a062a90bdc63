using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.UserInterrupts;

/// <summary>suist, suirs and suicfg: what S-mode sees of uipi, in both tiers.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed class SupervisorViewTests(Tier tier) : IDisposable
{
    private const ulong En = 1UL << 63;
    private const ulong Illegal = (ulong)TrapCause.IllegalInstruction;
    private const int Suist = 0x5C0;
    private const int Suirs = 0x5C1;
    private const int Suicfg = 0x5C2;
    private static readonly string[] s_registers = ["suist", "suirs", "suicfg"];

    private readonly UserInterruptController _controller = new();
    private readonly UserInterruptMachine _m = new(tier);

    public void Dispose() => _m.Dispose();

    [Test]
    public void AreThereWithTheExtensionAndSupervisors()
    {
        using var plain = new UserInterruptMachine(tier, ExtensionSet.Ratified.ToString());
        using var traps = new UserInterruptMachine(tier, ExtensionSet.Ratified + "_n");
        using var machine = new UserInterruptMachine(tier, supervisor: false);
        Assert.That(s_registers.Where(_m.CanRead), Is.EqualTo(s_registers));
        Assert.That(s_registers.Where(plain.CanRead).Concat(s_registers.Where(traps.CanRead)).Concat(s_registers.Where(machine.CanRead)), Is.Empty);
    }

    [TestCase(Privilege.User, true)]
    [TestCase(Privilege.Supervisor, false)]
    [TestCase(Privilege.Machine, false)]
    public void UserCodeDoesNotSeeThem(Privilege mode, bool traps)
    {
        Connect(out _, out _);
        foreach (int csr in new[] { Suist, Suirs, Suicfg })
        {
            _m["mcause"] = 0;
            _m.X[10] = 0;
            _m.Assemble(UserInterruptMachine.Code, Encoder.Word("csrrs", rd: 10, csr: csr), Encoder.Word("ebreak"));
            ulong at = _m.Run(mode);
            Assert.That((at == UserInterruptMachine.MachineHandler, _m["mcause"] == Illegal, _m.X[10] == 0), Is.EqualTo((traps, traps, traps)), $"{csr:x}");
        }
    }

    /// <summary>The fields, bit by bit: EN, SIZE; EN, generation, number; vectors, entries, receivers.</summary>
    [Test]
    public void SayWhatTheHartIsConnectedTo()
    {
        Assert.That((_m["suist"], _m["suirs"], _m["suicfg"]), Is.EqualTo((0UL, 0UL, 0UL)), "to nothing");
        Assert.That(_controller.RegisterReceiver()!.Index, Is.Zero, "somebody else's");
        UserInterruptReceiver receiver = Connect(out UserInterruptSenders senders, out _);
        Assert.That((_m["suist"], _m["suirs"]), Is.EqualTo((En | 1UL << 44, En | 1UL << 16 | 1)));
        Assert.That(_m["suicfg"], Is.EqualTo(64UL << 32 | 512UL << 16 | 512));
        senders.Add(receiver, 3);
        Assert.That(_m["suist"], Is.EqualTo(En | 2UL << 44));
    }

    [Test]
    public void OnlyTheEnablesAreWritten()
    {
        Connect(out _, out _);
        (ulong suist, ulong suirs, ulong suicfg) = (_m["suist"], _m["suirs"], _m["suicfg"]);
        _m["suist"] = _m["suirs"] = _m["suicfg"] = ulong.MaxValue;
        Assert.That((_m["suist"], _m["suirs"], _m["suicfg"]), Is.EqualTo((suist, suirs, suicfg)));
        _m["suist"] = _m["suirs"] = _m["suicfg"] = 0;
        Assert.That((_m["suist"], _m["suirs"], _m["suicfg"]), Is.EqualTo((suist & ~En, suirs & ~En, suicfg)));
    }

    /// <summary>uipi.send by an entry that is valid, with suist.EN clear, from U-mode: as one that means nothing.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public void WithoutSuistNobodySends(bool enabled)
    {
        Connect(out _, out UserInterruptReceiver other);
        _m["suist"] = enabled ? En : 0;
        _m.X[11] = 0;
        _m.Assemble(UserInterruptMachine.Code, Encoder.Word("uipi.send", rs1: 11), Encoder.Word("ebreak"));
        _m.Run(Privilege.User);
        Assert.That((other.Pending, _controller.Statistics.Sent, _controller.Statistics.Refused), Is.EqualTo(enabled ? (1UL << 5, 1L, 0L) : (0UL, 0L, 1L)));
    }

    /// <summary>With suirs.EN clear what is sent stays pending; with EN it raises USIP.</summary>
    [Test]
    public void WithoutSuirsNothingIsRaised()
    {
        UserInterruptReceiver receiver = Connect(out UserInterruptSenders senders, out _);
        int index = senders.Add(receiver, 2);
        _m["mideleg"] = 1;
        _m["sideleg"] = 1;
        _m["suirs"] = 0;
        _controller.Send(senders, (ulong)index, 0);
        Assert.That((receiver.Pending, _m["uip"]), Is.EqualTo((4UL, 0UL)));
        _m["suirs"] = En;
        Assert.That((receiver.Pending, _m["uip"]), Is.EqualTo((4UL, 1UL)));
    }

    /// <summary>Who moves the hart to another world moves all three, and what was written stays with the world.</summary>
    [Test]
    public void BelongToTheWorld()
    {
        Connect(out _, out _);
        UserInterruptPort first = _m.Port!;
        _m["suist"] = _m["suirs"] = 0;
        ulong[] left = [_m["suist"], _m["suirs"], _m["suicfg"]];

        var senders = new UserInterruptSenders();
        UserInterruptReceiver receiver = _controller.RegisterReceiver()!;
        _m.Port = new UserInterruptPort(_controller) { Senders = senders, Receiver = receiver };
        Assert.That((_m["suist"], _m["suirs"]), Is.EqualTo((En, En | 1UL << 16 | (uint)receiver.Index)), "nothing of the first");

        _m.Port = null;
        Assert.That((_m["suist"], _m["suirs"], _m["suicfg"]), Is.EqualTo((0UL, 0UL, 0UL)));
        _m.Port = first;
        Assert.That(new[] { _m["suist"], _m["suirs"], _m["suicfg"] }, Is.EqualTo(left));
    }

    /// <summary>A receiver for the hart, and a table of one entry that leads to another receiver's bit 5.</summary>
    private UserInterruptReceiver Connect(out UserInterruptSenders senders, out UserInterruptReceiver other)
    {
        UserInterruptReceiver own = _controller.RegisterReceiver()!;
        other = _controller.RegisterReceiver()!;
        senders = new UserInterruptSenders();
        senders.Add(other, 5);
        _m.Port = new UserInterruptPort(_controller) { Senders = senders, Receiver = own };
        return own;
    }
}
