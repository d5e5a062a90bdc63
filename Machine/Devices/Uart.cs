using RvJit.Machine.Board;

namespace RvJit.Machine.Devices;

/// <summary>
/// A 16550A serial port with byte-wide registers one byte apart (National Semiconductor PC16550D data sheet). Sending
/// takes no time, so the transmitter is always empty; received bytes wait with the host until there is room, so there
/// are no overruns. The character time-out of the receive FIFO passes at once.
/// </summary>
public sealed class Uart : IBusDevice
{
    public const ulong AddressSpace = 0x100;

    /// <summary>Input clock that the device tree names: 16 times 230,400 baud.</summary>
    public const uint ClockHertz = 3_686_400;

    private const int FifoBytes = 16;

    // Registers; 0 and 1 are the divisor latch while LCR.DLAB is set.
    private const ulong Data = 0;
    private const ulong InterruptEnable = 1;
    private const ulong InterruptIdentification = 2;
    private const ulong LineControl = 3;
    private const ulong ModemControl = 4;
    private const ulong LineStatus = 5;
    private const ulong ModemStatus = 6;
    private const ulong Scratch = 7;

    private const byte IerReceive = 1;
    private const byte IerTransmit = 2;
    private const byte IerModem = 8;
    private const byte IerMask = 0x0F;

    private const byte IirNone = 0x01;
    private const byte IirModem = 0x00;
    private const byte IirTransmit = 0x02;
    private const byte IirReceive = 0x04;
    private const byte IirTimeout = 0x0C;
    private const byte IirFifos = 0xC0;

    private const byte FcrEnable = 0x01;
    private const byte FcrClearReceive = 0x02;

    private const byte LcrDivisorLatch = 0x80;
    private const byte McrMask = 0x1F;
    private const byte McrLoop = 0x10;
    private const byte LsrDataReady = 0x01;
    private const byte LsrTransmitterEmpty = 0x60;

    /// <summary>CTS, DSR and DCD: a terminal that is always there.</summary>
    private const byte MsrConnected = 0xB0;

    private readonly Lock _lock = new();
    private readonly ICharacterPort _port;
    private readonly IInterruptLine _line;
    private readonly Queue<byte> _received = new(FifoBytes);
    private byte _divisorLow = 12;
    private byte _divisorHigh;
    private byte _enable;
    private byte _fifoControl;
    private byte _lineControl;
    private byte _modemControl;
    private byte _modemDeltas;
    private byte _scratch;
    private bool _transmitPending;
    private bool _listens;

    public Uart(ICharacterPort port, IInterruptLine line)
    {
        _port = port;
        _line = line;
        port.Arrived += () =>
        {
            lock (_lock)
            {
                Receive();
                Drive();
            }
        };
    }

    public string Name => "uart";

    public ulong Size => AddressSpace;

    public bool TryRead(ulong offset, int bytes, out ulong value)
    {
        lock (_lock)
        {
            value = Read(offset);
            Drive();
        }

        return true;
    }

    public bool TryWrite(ulong offset, int bytes, ulong value)
    {
        lock (_lock)
        {
            Write(offset, (byte)value);
            Drive();
        }

        return true;
    }

    private bool DivisorLatch => (_lineControl & LcrDivisorLatch) != 0;

    private bool Fifo => (_fifoControl & FcrEnable) != 0;

    private bool Loop => (_modemControl & McrLoop) != 0;

    private int Trigger => !Fifo ? 1 : (_fifoControl >> 6) switch { 0 => 1, 1 => 4, 2 => 8, _ => 14 };

    /// <summary>What the modem lines show; under loopback they are this side's own outputs.</summary>
    private byte ModemLines => Loop
        ? (byte)(((_modemControl & 2) << 3) | ((_modemControl & 1) << 5) | ((_modemControl & 4) << 4) | ((_modemControl & 8) << 4))
        : MsrConnected;

    private byte Read(ulong offset)
    {
        switch (offset)
        {
            case Data when DivisorLatch:
                return _divisorLow;
            case InterruptEnable when DivisorLatch:
                return _divisorHigh;
            case Data:
                _listens = true;
                _received.TryDequeue(out byte data);
                Receive();
                return data;
            case InterruptEnable:
                return _enable;
            case InterruptIdentification:
                byte source = Source();
                if (source == IirTransmit)
                    _transmitPending = false;
                return (byte)(source | (Fifo ? IirFifos : 0));
            case LineControl:
                return _lineControl;
            case ModemControl:
                return _modemControl;
            case LineStatus:
                _listens = true;
                Receive();
                return (byte)(LsrTransmitterEmpty | (_received.Count > 0 ? LsrDataReady : 0));
            case ModemStatus:
                byte status = (byte)(ModemLines | _modemDeltas);
                _modemDeltas = 0;
                return status;
            case Scratch:
                return _scratch;
            default:
                return 0;
        }
    }

    private void Write(ulong offset, byte value)
    {
        switch (offset)
        {
            case Data when DivisorLatch:
                _divisorLow = value;
                break;
            case InterruptEnable when DivisorLatch:
                _divisorHigh = value;
                break;
            case Data:
                Send(value);
                break;
            case InterruptEnable:
                // Enabling the interrupt of an empty transmitter raises it.
                if ((value & IerTransmit & ~_enable) != 0)
                    _transmitPending = true;
                _enable = (byte)(value & IerMask);
                if ((_enable & IerReceive) != 0)
                {
                    _listens = true;
                    Receive();
                }

                break;
            case InterruptIdentification:
                WriteFifoControl(value);
                break;
            case LineControl:
                _lineControl = value;
                break;
            case ModemControl:
                byte before = ModemLines;
                _modemControl = (byte)(value & McrMask);
                NoteModem(before);
                break;
            case Scratch:
                _scratch = value;
                break;
        }
    }

    private void WriteFifoControl(byte value)
    {
        if (((value ^ _fifoControl) & FcrEnable) != 0 || (value & FcrClearReceive) != 0)
            _received.Clear();
        _fifoControl = (byte)(value & (FcrEnable | 0xC0));
        Receive();
    }

    private void Send(byte value)
    {
        if (!Loop)
            _port.Write([value]);
        else if (_received.Count < Capacity)
            _received.Enqueue(value);
        _transmitPending = true;
    }

    /// <summary>The delta bits: CTS, DSR and DCD have changed, or RI has ended.</summary>
    private void NoteModem(byte before)
    {
        int changed = before ^ ModemLines;
        _modemDeltas |= (byte)(((changed >> 4) & 0xB) | ((before & ~ModemLines & 0x40) >> 4));
    }

    private int Capacity => Fifo ? FifoBytes : 1;

    private void Receive()
    {
        while (_listens && !Loop && _received.Count < Capacity && _port.TryRead(out byte value))
            _received.Enqueue(value);
    }

    /// <summary>The pending interrupt of the highest priority.</summary>
    private byte Source()
    {
        if ((_enable & IerReceive) != 0 && _received.Count > 0)
            return _received.Count >= Trigger ? IirReceive : IirTimeout;
        if ((_enable & IerTransmit) != 0 && _transmitPending)
            return IirTransmit;
        return (_enable & IerModem) != 0 && _modemDeltas != 0 ? IirModem : IirNone;
    }

    private void Drive() => _line.Set(Source() != IirNone);
}
