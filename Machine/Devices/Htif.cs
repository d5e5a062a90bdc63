using RvJit.Machine.Board;

namespace RvJit.Machine.Devices;

/// <summary>
/// The host-target interface of Berkeley's tools (riscv-isa-sim, fesvr "htif" and "device"): the guest stores a command
/// into the word <c>tohost</c>, the host clears it and answers in <c>fromhost</c> as soon as that word is zero. A
/// command is device (8 bits), command (8 bits), payload (48 bits).
/// </summary>
public sealed class Htif : IStoreObserver
{
    public const ulong WordBytes = 8;

    private const int PayloadBits = 48;
    private const ulong PayloadMask = (1UL << PayloadBits) - 1;

    /// <summary>Device 0, system calls: an odd payload is an exit code, an even one the address of a call.</summary>
    private const ulong SystemCallDevice = 0;
    private const ulong SystemCallDone = 1;

    /// <summary>Device 1, the console; its answers carry this bit.</summary>
    private const ulong ConsoleDevice = 1;
    private const ulong ConsoleAnswer = 0x100;
    private const ulong ReadCommand = 0;
    private const ulong WriteCommand = 1;

    private const int LongestQueue = 4096;

    private readonly Lock _lock = new();
    private readonly DmaMemory _memory;
    private readonly ulong _toHost;
    private readonly ulong? _fromHost;
    private readonly MachineStopper _stopper;
    private readonly ICharacterPort _port;
    private readonly HtifSystemCalls _calls;
    private readonly Queue<ulong> _answers = new();
    private int _readers;

    public Htif(SystemBus bus, DmaMemory memory, HtifSymbols symbols, MachineStopper stopper, ICharacterPort port)
    {
        _memory = memory;
        _toHost = symbols.ToHost;
        _fromHost = symbols.FromHost;
        _stopper = stopper;
        _port = port;
        _calls = new HtifSystemCalls(memory, port);
        bus.Observe(_toHost, WordBytes, this);
        if (_fromHost is { } fromHost)
            bus.Observe(fromHost, WordBytes, this);
        port.Arrived += () =>
        {
            lock (_lock)
                AnswerReaders();
        };
    }

    public void NoteStored(ulong address, ulong bytes)
    {
        lock (_lock)
        {
            if (_memory.TryReadValue(_toHost, out ulong command) && command != 0)
            {
                _memory.TryWriteValue(_toHost, 0UL);
                Perform(command);
            }

            Answer();
        }
    }

    private void Perform(ulong command)
    {
        ulong device = command >> 56;
        ulong request = (command >> PayloadBits) & 0xFF;
        ulong payload = command & PayloadMask;
        switch (device, request)
        {
            case (SystemCallDevice, 0) when (payload & 1) != 0:
                // What C's exit takes: the low 32 bits.
                _stopper.Stop(new MachineExit(MachineExitReason.PowerOff, (int)(payload >> 1)));
                break;
            case (SystemCallDevice, 0):
                if (_calls.Perform(payload) is { } exitCode)
                    _stopper.Stop(new MachineExit(MachineExitReason.PowerOff, exitCode));
                Queue(SystemCallDone);
                break;
            case (ConsoleDevice, ReadCommand):
                _readers = Math.Min(_readers + 1, LongestQueue);
                AnswerReaders();
                break;
            case (ConsoleDevice, WriteCommand):
                _port.Write([(byte)payload]);
                Queue(ConsoleWord(WriteCommand, (byte)payload));
                break;
        }
    }

    private void AnswerReaders()
    {
        for (; _readers > 0 && _port.TryRead(out byte value); _readers--)
            Queue(ConsoleWord(ReadCommand, value));
        Answer();
    }

    /// <summary>A program that never takes its answers loses those that are too many.</summary>
    private void Queue(ulong answer)
    {
        if (_fromHost is not null && _answers.Count < LongestQueue)
            _answers.Enqueue(answer);
    }

    private void Answer()
    {
        if (_fromHost is { } fromHost && _answers.Count > 0 && _memory.TryReadValue(fromHost, out ulong busy) && busy == 0)
            _memory.TryWriteValue(fromHost, _answers.Dequeue());
    }

    private static ulong ConsoleWord(ulong command, byte value) =>
        (ConsoleDevice << 56) | (command << PayloadBits) | ConsoleAnswer | value;
}

/// <summary>Addresses of the two words, from an ELF file's symbols of these names; programs that want no answers have only the first.</summary>
public readonly record struct HtifSymbols(ulong ToHost, ulong? FromHost);
