using System.Buffers.Binary;
using NUnit.Framework;
using RvJit.Machine;
using RvJit.Machine.Board;
using RvJit.Machine.Devices;

namespace RvJit.Tests.Machine.Devices;

/// <summary>The protocol of tohost and fromhost, as riscv-isa-sim's host side speaks it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class HtifTests : IDisposable
{
    private const ulong ToHost = PhysicalMemory.DefaultBase + 0x1000;
    private const ulong FromHost = ToHost + 64;
    private const ulong Call = PhysicalMemory.DefaultBase + 0x2000;
    private const ulong Text = PhysicalMemory.DefaultBase + 0x3000;
    private const ulong ConsoleRead = 1UL << 56;
    private const ulong ConsoleWrite = 1UL << 56 | 1UL << 48;

    private readonly PhysicalMemory _memory = new(0x1_0000);
    private readonly SystemBus _bus;
    private readonly MachineStopper _stopper = new();
    private readonly TestPort _port = new();

    public HtifTests()
    {
        _bus = new SystemBus(_memory);
        _ = new Htif(_bus, new DmaMemory(_memory), new HtifSymbols(ToHost, FromHost), _stopper, _port);
    }

    public void Dispose() => _memory.Dispose();

    [TestCase(1UL, 0)]
    [TestCase(3UL, 1)]
    [TestCase(1337UL << 1 | 1, 1337)]
    public void AnOddPayloadIsAnExitCode(ulong command, int code)
    {
        Store(ToHost, command);

        Assert.That(_stopper.Exit.IsCompletedSuccessfully, Is.True);
        Assert.That(_stopper.Exit.Result, Is.EqualTo(new MachineExit(MachineExitReason.PowerOff, code)));
    }

    [Test]
    public void ZeroIsNoCommand()
    {
        Store(ToHost, 0);
        Assert.That(_stopper.Exit.IsCompleted, Is.False);
    }

    [Test]
    public void AWordOf32BitsIsEnough()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_memory.Span(ToHost, 4), 5 << 1 | 1);
        _bus.NoteStored(ToHost, 4);

        Assert.That(_stopper.Exit.Result.Code, Is.EqualTo(5));
    }

    [Test]
    public void OnlyThePageOfTheWordsIsObserved()
    {
        Assert.That(_bus.IsObserved(ToHost), Is.True);
        Assert.That(_bus.IsObserved(Call), Is.False);
    }

    [Test]
    public void WriteIsProxiedAndAnswered()
    {
        "text"u8.CopyTo(_memory.Span(Text, 4));
        Assert.That(Perform(64, 1, Text, 4), Is.EqualTo(4));

        Assert.That(_port.Text, Is.EqualTo("text"));
        Assert.That(Word(ToHost), Is.Zero, "the command is taken");
        Assert.That(Word(FromHost), Is.EqualTo(1));
    }

    [TestCase(64UL, 3UL, Text, 4UL, -9)]
    [TestCase(64UL, 1UL, 0x1000UL, 4UL, -14)]
    [TestCase(64UL, 1UL, Text, ulong.MaxValue, -14)]
    [TestCase(56UL, 0UL, 0UL, 0UL, -38)]
    [TestCase(ulong.MaxValue, 0UL, 0UL, 0UL, -38)]
    public void OtherCallsFail(ulong number, ulong a, ulong b, ulong c, long result)
    {
        Assert.That(Perform(number, a, b, c), Is.EqualTo(result));
        Assert.That(_port.Written, Is.Empty);
    }

    [Test]
    public void ExitEndsTheMachine()
    {
        Perform(93, 6, 0, 0);
        Assert.That(_stopper.Exit.Result.Code, Is.EqualTo(6));
    }

    [TestCase(0x1000UL)]
    [TestCase(PhysicalMemory.DefaultBase + 0x1_0000 - 8)]
    [TestCase(PhysicalMemory.DefaultBase + 0x2004)]
    [TestCase(0xFFFF_FFFF_FFFEUL)]
    public void ACallOutsideRamIsAnsweredWithoutEffect(ulong address)
    {
        Store(ToHost, address);
        Assert.That(Word(FromHost), Is.EqualTo(1));
        Assert.That(_stopper.Exit.IsCompleted, Is.False);
    }

    [Test]
    public void ConsoleOutputIsAnsweredWithTheByte()
    {
        Store(ToHost, ConsoleWrite | 'A');

        Assert.That(_port.Text, Is.EqualTo("A"));
        Assert.That(Word(FromHost), Is.EqualTo(ConsoleWrite | 0x100 | 'A'));
    }

    [Test]
    public void ConsoleInputIsAnsweredWhenThereIsSome()
    {
        Store(ToHost, ConsoleRead);
        Assert.That(Word(FromHost), Is.Zero);

        _port.Type("z");

        Assert.That(Word(FromHost), Is.EqualTo(ConsoleRead | 0x100 | 'z'));
    }

    [Test]
    public void AnswersWaitUntilTheGuestHasTakenTheOneBefore()
    {
        Store(ToHost, ConsoleWrite | 'A');
        Store(ToHost, ConsoleWrite | 'B');
        Assert.That(Word(FromHost) & 0xFF, Is.EqualTo((ulong)'A'));

        Store(FromHost, 0);

        Assert.That(Word(FromHost) & 0xFF, Is.EqualTo((ulong)'B'));
    }

    [TestCase(2UL << 56)]
    [TestCase(1UL << 56 | 2UL << 48)]
    [TestCase(1UL << 48 | 1)]
    public void UnknownDevicesAndCommandsAreTakenAndIgnored(ulong command)
    {
        Store(ToHost, command);
        Assert.That(Word(ToHost), Is.Zero);
        Assert.That(Word(FromHost), Is.Zero);
        Assert.That(_stopper.Exit.IsCompleted, Is.False);
    }

    private long Perform(params ReadOnlySpan<ulong> call)
    {
        for (int i = 0; i < call.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(_memory.Span(Call + (8 * (ulong)i), 8), call[i]);
        Store(ToHost, Call);
        return (long)Word(Call);
    }

    private void Store(ulong address, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_memory.Span(address, 8), value);
        _bus.NoteStored(address, 8);
    }

    private ulong Word(ulong address) => BinaryPrimitives.ReadUInt64LittleEndian(_memory.Span(address, 8));
}
