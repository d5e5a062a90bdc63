using System.Buffers.Binary;
using RvJit.Machine;
using RvJit.Machine.Board;
using RvJit.Machine.Devices.Virtio;

namespace RvJit.Tests.Machine.Devices;

/// <summary>The driver's side of a virtio device, in a test's hands: registers, and rings in a little RAM.</summary>
internal sealed class VirtioDriver : IDisposable
{
    public const ulong Ram = PhysicalMemory.DefaultBase;
    public const ulong RamBytes = 0x10_0000;
    public const ushort QueueSize = 8;
    public const ulong Buffers = Ram + 0x8000;

    // Registers (VIRTIO 1.2, "MMIO Device Register Layout").
    public const ulong DeviceFeatures = 0x010;
    public const ulong DeviceFeatureSelect = 0x014;
    public const ulong DriverFeatures = 0x020;
    public const ulong DriverFeatureSelect = 0x024;
    public const ulong QueueSelect = 0x030;
    public const ulong QueueNum = 0x038;
    public const ulong QueueReady = 0x044;
    public const ulong Notify = 0x050;
    public const ulong InterruptStatus = 0x060;
    public const ulong InterruptAcknowledge = 0x064;
    public const ulong Status = 0x070;
    public const ulong Configuration = 0x100;

    public const ushort Next = 1;
    public const ushort Writable = 2;
    public const ushort Indirect = 4;

    private readonly PhysicalMemory _memory = new(RamBytes);

    public VirtioDriver(IVirtioDevice? device, bool start = true)
    {
        Transport = new VirtioMmio(device, new DmaMemory(_memory), Line);
        if (start)
            Start(device!.Queues);
    }

    public RecordedLine Line { get; } = new();

    public VirtioMmio Transport { get; }

    public bool NeedsReset => (Transport.Read(Status) & 64) != 0;

    public Span<byte> Bytes(ulong address, int count) => _memory.Span(address, count);

    public static ulong Table(int queue) => Ram + ((ulong)queue * 0x1000);

    public static ulong Available(int queue) => Table(queue) + 0x400;

    public static ulong Used(int queue) => Table(queue) + 0x800;

    public void Start(int queues)
    {
        Transport.Write(Status, 0);
        Transport.Write(Status, 3);
        Transport.Write(DriverFeatureSelect, 1);
        Transport.Write(DriverFeatures, 1);
        Transport.Write(Status, 11);
        for (int queue = 0; queue < queues; queue++)
        {
            Transport.Write(QueueSelect, (ulong)queue);
            Transport.Write(QueueNum, QueueSize);
            SetAddress(0x080, Table(queue));
            SetAddress(0x090, Available(queue));
            SetAddress(0x0A0, Used(queue));
            Transport.Write(QueueReady, 1);
        }

        Transport.Write(Status, 15);
    }

    public void SetAddress(ulong register, ulong address)
    {
        Transport.Write(register, (uint)address);
        Transport.Write(register + 4, address >> 32);
    }

    public void Describe(ulong table, int index, ulong address, uint length, ushort flags, ushort next = 0)
    {
        Span<byte> descriptor = Bytes(table + (16 * (ulong)index), 16);
        BinaryPrimitives.WriteUInt64LittleEndian(descriptor, address);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor[8..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[12..], flags);
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[14..], next);
    }

    /// <summary>Makes a chain available and notifies the device.</summary>
    public void Offer(int queue, ushort head)
    {
        Span<byte> available = Bytes(Available(queue), 4 + (2 * QueueSize));
        ushort index = BinaryPrimitives.ReadUInt16LittleEndian(available[2..]);
        BinaryPrimitives.WriteUInt16LittleEndian(available[(4 + (2 * (index % QueueSize)))..], head);
        BinaryPrimitives.WriteUInt16LittleEndian(available[2..], (ushort)(index + 1));
        Transport.Write(Notify, (ulong)queue);
    }

    /// <summary>Requests that came back.</summary>
    public ushort UsedCount(int queue) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(Used(queue) + 2, 2));

    /// <summary>The length of the latest one.</summary>
    public uint UsedLength(int queue) => BinaryPrimitives.ReadUInt32LittleEndian(
        Bytes(Used(queue) + 8 + (8 * (ulong)((UsedCount(queue) - 1) % QueueSize)), 4));

    public void Dispose() => _memory.Dispose();
}
