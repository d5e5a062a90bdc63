using NUnit.Framework;
using RvJit.Machine.Devices;

namespace RvJit.Tests.Machine.Devices;

/// <summary>Registers of the PC16550D as drivers use them.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class UartTests
{
    private const ulong Data = 0;
    private const ulong InterruptEnable = 1;
    private const ulong Identification = 2;
    private const ulong FifoControl = 2;
    private const ulong LineControl = 3;
    private const ulong ModemControl = 4;
    private const ulong LineStatus = 5;
    private const ulong ModemStatus = 6;
    private const ulong Scratch = 7;

    private readonly TestPort _port = new();
    private readonly RecordedLine _line = new();
    private readonly Uart _uart;

    public UartTests() => _uart = new Uart(_port, _line);

    [Test]
    public void SendsAtOnce()
    {
        foreach (char c in "ok")
            Set(Data, c);

        Assert.That(_port.Text, Is.EqualTo("ok"));
        Assert.That(Get(LineStatus), Is.EqualTo(0x60));
    }

    [Test]
    public void ReceivesInOrderAndSaysWhenThereIsNothing()
    {
        _port.Type("ab");

        Assert.That(Get(LineStatus) & 1, Is.EqualTo(1));
        Assert.That((char)Get(Data), Is.EqualTo('a'));
        Assert.That((char)Get(Data), Is.EqualTo('b'));
        Assert.That(Get(LineStatus) & 1, Is.Zero);
        Assert.That(Get(Data), Is.Zero);
    }

    [Test]
    public void TakesNoInputBeforeTheGuestLooksForSome()
    {
        _port.Type("ab");
        Set(Data, 'x');
        Assert.That(_port.Waiting, Is.EqualTo(2));
    }

    [Test]
    public void TheDivisorLatchHidesTheFirstTwoRegisters()
    {
        Set(LineControl, 0x80);
        Set(Data, 0x34);
        Set(InterruptEnable, 0x12);
        Assert.That((Get(Data), Get(InterruptEnable)), Is.EqualTo((0x34, 0x12)));
        Set(LineControl, 0x03);

        Assert.That(Get(InterruptEnable), Is.Zero);
        Assert.That(_port.Text, Is.Empty);
        Assert.That(_line.Level, Is.False);
    }

    [Test]
    public void EnablingTheInterruptOfAnEmptyTransmitterRaisesIt()
    {
        Set(InterruptEnable, 2);
        Assert.That(_line.Level, Is.True);

        Assert.That(Get(Identification), Is.EqualTo(0x02), "and the reading of it ends it");
        Assert.That(_line.Level, Is.False);
        Assert.That(Get(Identification), Is.EqualTo(0x01));
        Set(Data, 'x');
        Assert.That(_line.Level, Is.True, "the byte has been sent");
        Set(InterruptEnable, 0);
        Assert.That(_line.Level, Is.False);
    }

    [Test]
    public void EnablingItAgainRaisesItAgainButWritingTheSameDoesNot()
    {
        Set(InterruptEnable, 2);
        Get(Identification);
        Set(InterruptEnable, 2);
        Assert.That(_line.Level, Is.False);
        Set(InterruptEnable, 0);
        Set(InterruptEnable, 2);
        Assert.That(_line.Level, Is.True);
    }

    [Test]
    public void ReceivedDataComesBeforeTheTransmitter()
    {
        Set(InterruptEnable, 3);
        _port.Type("a");

        Assert.That(Get(Identification) & 0x0F, Is.EqualTo(0x04));
        Get(Data);
        Assert.That(Get(Identification) & 0x0F, Is.EqualTo(0x02), "which the reading of another source has not ended");
        Assert.That(_line.Level, Is.False);
    }

    [TestCase(0x00, 1)]
    [TestCase(0x40, 4)]
    [TestCase(0x80, 8)]
    [TestCase(0xC0, 14)]
    public void TheFifoInterruptsAtItsTriggerAndTimesOutBelow(int control, int trigger)
    {
        Set(FifoControl, control | 1);
        Set(InterruptEnable, 1);
        _port.Type(new string('x', trigger));
        Assert.That(Get(Identification), Is.EqualTo(0xC4));

        Get(Data);
        if (trigger > 1)
            Assert.That(Get(Identification), Is.EqualTo(0xCC), "character time-out");
        for (int i = 1; i < trigger; i++)
            Get(Data);
        Assert.That(Get(Identification), Is.EqualTo(0xC1));
        Assert.That(_line.Level, Is.False);
    }

    [Test]
    public void TheFifoHoldsSixteenBytesAndTheRestWaits()
    {
        Set(FifoControl, 1);
        Set(InterruptEnable, 1);
        _port.Type("0123456789abcdefXY");
        Assert.That(_port.Waiting, Is.EqualTo(2));

        string read = string.Concat(Enumerable.Range(0, 18).Select(_ => (char)Get(Data)));
        Assert.That(read, Is.EqualTo("0123456789abcdefXY"));
    }

    [Test]
    public void ClearingTheReceiveFifoDropsWhatItHolds()
    {
        Set(FifoControl, 1);
        Set(InterruptEnable, 1);
        _port.Type("abc");
        Set(FifoControl, 3);

        Assert.That(Get(LineStatus) & 1, Is.Zero);
        Assert.That(_line.Level, Is.False);
    }

    [Test]
    public void LoopbackLeadsOutputToInputAndModemControlToModemStatus()
    {
        Assert.That(Get(ModemStatus) & 0xF0, Is.EqualTo(0xB0), "CTS, DSR, DCD");
        Set(ModemControl, 0x1A);
        Assert.That(Get(ModemStatus) & 0xF0, Is.EqualTo(0x90), "RTS is CTS, OUT2 is DCD");

        Set(Data, 'l');
        Assert.That((char)Get(Data), Is.EqualTo('l'));
        Assert.That(_port.Text, Is.Empty);
    }

    [Test]
    public void ModemChangesInterruptUntilTheStatusIsRead()
    {
        Set(InterruptEnable, 8);
        Assert.That(_line.Level, Is.False);
        Set(ModemControl, 0x10);
        Assert.That(Get(Identification), Is.EqualTo(0x00));

        Assert.That(Get(ModemStatus), Is.EqualTo(0x0B), "DCTS, DDSR, DDCD");
        Assert.That(_line.Level, Is.False);
        Assert.That(Get(ModemStatus), Is.Zero);
    }

    [Test]
    public void UnusedBitsReadZeroAndTheScratchRegisterKeepsAll()
    {
        Set(InterruptEnable, 0xF0);
        Set(ModemControl, 0xE0);
        Set(Scratch, 0xA5);

        Assert.That((Get(InterruptEnable), Get(ModemControl), Get(Scratch)), Is.EqualTo((0, 0, 0xA5)));
    }

    private int Get(ulong register) => (int)_uart.Read(register, 1);

    private void Set(ulong register, int value) => _uart.Write(register, (ulong)value, 1);
}
