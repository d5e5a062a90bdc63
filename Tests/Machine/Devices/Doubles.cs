using RvJit.Machine;
using RvJit.Machine.Board;
using RvJit.Machine.Devices;

namespace RvJit.Tests.Machine.Devices;

/// <summary>Interrupt inputs of a hart that only remember.</summary>
internal sealed class RecordedLines : IInterruptLines
{
    private readonly HashSet<InterruptBit> _high = [];

    public bool this[InterruptBit bit]
    {
        get
        {
            lock (_high)
                return _high.Contains(bit);
        }
    }

    public void SetLine(InterruptBit bit, bool level)
    {
        lock (_high)
        {
            if (level)
                _high.Add(bit);
            else
                _high.Remove(bit);
        }
    }
}

/// <summary>The interrupt output of a device.</summary>
internal sealed class RecordedLine : IInterruptLine
{
    private volatile bool _level;

    public bool Level => _level;

    public void Set(bool level) => _level = level;
}

/// <summary>The other end of a serial line, in a test's hands.</summary>
internal sealed class TestPort : ICharacterPort
{
    private readonly Queue<byte> _input = new();

    public event Action? Arrived;

    public List<byte> Written { get; } = [];

    public string Text => string.Concat(Written.Select(value => (char)value));

    public int Waiting => _input.Count;

    public void Write(ReadOnlySpan<byte> bytes) => Written.AddRange(bytes);

    public bool TryRead(out byte value) => _input.TryDequeue(out value);

    public void Type(string text)
    {
        foreach (char c in text)
            _input.Enqueue((byte)c);
        Arrived?.Invoke();
    }
}

/// <summary>Register accesses that must be legal.</summary>
internal static class DeviceAccess
{
    public static ulong Read(this IBusDevice device, ulong offset, int bytes = 4) => device.TryRead(offset, bytes, out ulong value)
        ? value
        : throw new InvalidOperationException($"{device.Name} refuses to read {bytes} bytes at 0x{offset:x}");

    public static void Write(this IBusDevice device, ulong offset, ulong value, int bytes = 4)
    {
        if (!device.TryWrite(offset, bytes, value))
            throw new InvalidOperationException($"{device.Name} refuses to write {bytes} bytes at 0x{offset:x}");
    }
}
