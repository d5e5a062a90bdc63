using System.Buffers.Binary;
using RvJit.Machine.Board;

namespace RvJit.Machine.Devices.Virtio;

/// <summary>
/// The memory-mapped transport, version 2 (VIRTIO 1.2, "Virtio Over MMIO"). A slot without a device shows device type
/// 0, which drivers pass over.
/// </summary>
public sealed class VirtioMmio : IBusDevice
{
    public const ulong AddressSpace = 0x1000;

    private const uint Magic = 0x7472_6976;
    private const uint Version = 2;
    private const uint Vendor = 0x5449_4A52;

    private const ulong ConfigurationOffset = 0x100;
    private const ulong FeatureVersion1 = 1UL << 32;
    private const ulong FeatureIndirect = 1UL << 28;

    // Device status.
    private const uint FeaturesOk = 8;
    private const uint DriverOk = 4;
    private const uint NeedsReset = 64;
    private const uint StatusMask = 0xFF;

    // Interrupt status.
    private const uint UsedBuffer = 1;
    private const uint ConfigurationChange = 2;

    private readonly Lock _lock = new();
    private readonly IVirtioDevice? _device;
    private readonly IInterruptLine _line;
    private readonly DmaMemory _memory;
    private readonly VirtioQueue[] _queues;
    private uint _status;
    private uint _interrupt;
    private uint _deviceFeatureWord;
    private uint _driverFeatureWord;
    private ulong _driverFeatures;
    private uint _selected;

    public VirtioMmio(IVirtioDevice? device, DmaMemory memory, IInterruptLine line)
    {
        _device = device;
        _memory = memory;
        _line = line;
        _queues = new VirtioQueue[device?.Queues ?? 0];
        for (int i = 0; i < _queues.Length; i++)
            _queues[i] = new VirtioQueue(memory);
        if (device is not null)
            device.WorkArrived += OnWorkArrived;
    }

    public string Name => _device is null ? "virtio" : $"virtio-{_device.Name}";

    public ulong Size => AddressSpace;

    private ulong Features => (_device?.Features ?? 0) | FeatureVersion1 | FeatureIndirect;

    private VirtioQueue? Selected => _selected < (uint)_queues.Length ? _queues[_selected] : null;

    public bool TryRead(ulong offset, int bytes, out ulong value)
    {
        lock (_lock)
        {
            if (offset >= ConfigurationOffset)
            {
                value = ReadConfiguration(offset - ConfigurationOffset, bytes);
                return true;
            }

            value = IsRegister(offset, bytes) ? Read(offset) : 0;
            return IsRegister(offset, bytes);
        }
    }

    public bool TryWrite(ulong offset, int bytes, ulong value)
    {
        lock (_lock)
        {
            if (offset >= ConfigurationOffset)
                return true; // no device here has configuration that a driver may write
            if (!IsRegister(offset, bytes))
                return false;
            Write(offset, (uint)value);
            return true;
        }
    }

    private static bool IsRegister(ulong offset, int bytes) => bytes == 4 && (offset & 3) == 0;

    private uint Read(ulong offset) => offset switch
    {
        0x000 => Magic,
        0x004 => Version,
        0x008 => _device?.Id ?? 0,
        0x00C => Vendor,
        0x010 => _deviceFeatureWord < 2 ? (uint)(Features >> (int)(32 * _deviceFeatureWord)) : 0,
        0x034 => Selected is null ? 0U : VirtioQueue.LargestSize,
        0x044 => Selected is { Ready: true } ? 1U : 0,
        0x060 => _interrupt,
        0x070 => _status,
        0x0B0 or 0x0B4 => uint.MaxValue, // no shared memory region
        _ => 0,
    };

    private void Write(ulong offset, uint value)
    {
        switch (offset)
        {
            case 0x014:
                _deviceFeatureWord = value;
                break;
            case 0x020 when _driverFeatureWord < 2 && (_status & FeaturesOk) == 0:
                int shift = (int)(32 * _driverFeatureWord);
                _driverFeatures = (_driverFeatures & ~(0xFFFF_FFFFUL << shift)) | ((ulong)value << shift);
                break;
            case 0x024:
                _driverFeatureWord = value;
                break;
            case 0x030:
                _selected = value;
                break;
            case 0x050:
                Notify(value);
                break;
            case 0x064:
                _interrupt &= ~value;
                _line.Set(_interrupt != 0);
                break;
            case 0x070:
                WriteStatus(value & StatusMask);
                break;
            default:
                if (Selected is { } queue)
                    WriteQueue(queue, offset, value);
                break;
        }
    }

    /// <summary>Sizes and addresses of a queue are fixed while it is ready.</summary>
    private static void WriteQueue(VirtioQueue queue, ulong offset, uint value)
    {
        if (offset == 0x044)
        {
            queue.Ready = (value & 1) != 0;
            return;
        }

        if (queue.Ready)
            return;
        switch (offset)
        {
            case 0x038 when value is > 0 and <= VirtioQueue.LargestSize && (value & (value - 1)) == 0:
                queue.Size = (ushort)value;
                break;
            case 0x080:
                queue.Descriptors = Low(queue.Descriptors, value);
                break;
            case 0x084:
                queue.Descriptors = High(queue.Descriptors, value);
                break;
            case 0x090:
                queue.Available = Low(queue.Available, value);
                break;
            case 0x094:
                queue.Available = High(queue.Available, value);
                break;
            case 0x0A0:
                queue.Used = Low(queue.Used, value);
                break;
            case 0x0A4:
                queue.Used = High(queue.Used, value);
                break;
        }
    }

    private static ulong Low(ulong register, uint value) => (register & ~0xFFFF_FFFFUL) | value;

    private static ulong High(ulong register, uint value) => (register & 0xFFFF_FFFFUL) | ((ulong)value << 32);

    private void WriteStatus(uint value)
    {
        if (value == 0)
        {
            _status = 0;
            _interrupt = 0;
            _driverFeatures = 0;
            foreach (VirtioQueue queue in _queues)
                queue.Reset();
            _line.Set(false);
            return;
        }

        // Only features that were offered may be accepted, and version 1 must be.
        if ((value & FeaturesOk) != 0 && ((_driverFeatures & ~Features) != 0 || (_driverFeatures & FeatureVersion1) == 0))
            value &= ~FeaturesOk;
        _status = value | (_status & NeedsReset);
    }

    private void OnWorkArrived(int index)
    {
        lock (_lock)
            Notify((uint)index);
    }

    private void Notify(uint index)
    {
        if (index >= (uint)_queues.Length || (_status & (DriverOk | NeedsReset)) != DriverOk)
            return;
        VirtioQueue queue = _queues[index];
        if (!_device!.Process((int)index, queue, _memory))
        {
            _status |= NeedsReset;
            Interrupt(ConfigurationChange);
        }
        else if (queue.HasNews)
        {
            queue.HasNews = false;
            if (queue.WantsInterrupt)
                Interrupt(UsedBuffer);
        }
    }

    private void Interrupt(uint cause)
    {
        _interrupt |= cause;
        _line.Set(true);
    }

    private ulong ReadConfiguration(ulong offset, int bytes)
    {
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        value.Clear();
        ReadOnlySpan<byte> configuration = _device is null ? [] : _device.Configuration;
        if (offset < (ulong)configuration.Length)
        {
            configuration = configuration[(int)offset..];
            configuration[..Math.Min(bytes, configuration.Length)].CopyTo(value);
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(value);
    }
}
