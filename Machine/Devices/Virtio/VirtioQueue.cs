using RvJit.Machine.Board;

namespace RvJit.Machine.Devices.Virtio;

/// <summary>What <see cref="VirtioQueue.Take"/> found.</summary>
public enum VirtioTake
{
    Nothing,
    Request,

    /// <summary>The rings or descriptors break the rules.</summary>
    Broken,
}

/// <summary>
/// A split virtqueue, device side (VIRTIO 1.2, "Split Virtqueues"). All of it lies in guest memory and is hostile: every
/// address is checked when it is used, a chain has at most as many descriptors as its table, and tables nest once.
/// </summary>
public sealed class VirtioQueue(DmaMemory memory)
{
    public const ushort LargestSize = 256;

    private const ushort DescriptorNext = 1;
    private const ushort DescriptorWrite = 2;
    private const ushort DescriptorIndirect = 4;
    private const ulong DescriptorBytes = 16;

    /// <summary>Flag of the available ring: the driver looks by itself.</summary>
    private const ushort NoInterrupt = 1;

    private readonly VirtioChain _chain = new();
    private ushort _taken;
    private ushort _used;

    public ushort Size { get; set; } = LargestSize;

    public bool Ready { get; set; }

    public ulong Descriptors { get; set; }

    public ulong Available { get; set; }

    public ulong Used { get; set; }

    /// <summary>Requests were given back since the transport last looked.</summary>
    public bool HasNews { get; set; }

    /// <summary>The driver wants an interrupt for what it gets back.</summary>
    public bool WantsInterrupt => !memory.TryReadValue(Available, out ushort flags) || (flags & NoInterrupt) == 0;

    public void Reset()
    {
        Size = LargestSize;
        Ready = false;
        Descriptors = Available = Used = 0;
        _taken = _used = 0;
        HasNews = false;
    }

    /// <summary>Looks at the next request of the driver without taking it; <see cref="Give"/> takes it.</summary>
    public VirtioTake Take(out VirtioChain chain)
    {
        chain = _chain;
        if (!Ready)
            return VirtioTake.Nothing;
        if (!memory.TryReadValue(Available + 2, out ushort index))
            return VirtioTake.Broken;
        if (index == _taken)
            return VirtioTake.Nothing;
        if ((ushort)(index - _taken) > Size
            || !memory.TryReadValue(Available + 4 + (2UL * (ulong)(_taken % Size)), out ushort head) || head >= Size)
            return VirtioTake.Broken;
        _chain.Start(head);
        return TryCollect(Descriptors, Size, head, nested: false) ? VirtioTake.Request : VirtioTake.Broken;
    }

    /// <summary>Gives a request back after writing so many bytes into it; false when the used ring is not in RAM.</summary>
    public bool Give(VirtioChain chain, uint written)
    {
        ulong element = Used + 4 + (8UL * (ulong)(_used % Size));
        if (!memory.TryWriteValue(element, (uint)chain.Head) || !memory.TryWriteValue(element + 4, written))
            return false;
        _taken++;
        _used++;
        HasNews = true;
        return memory.TryWriteValue(Used + 2, _used);
    }

    private bool TryCollect(ulong table, uint count, uint index, bool nested)
    {
        for (uint steps = 0; steps < count; steps++)
        {
            ulong at = table + (index * DescriptorBytes);
            if (index >= count || !memory.TryReadValue(at, out ulong address) || !memory.TryReadValue(at + 8, out uint length)
                || !memory.TryReadValue(at + 12, out ushort flags) || !memory.TryReadValue(at + 14, out ushort next))
                return false;
            if ((flags & DescriptorIndirect) != 0)
            {
                return !nested && (flags & DescriptorNext) == 0 && length != 0 && length % DescriptorBytes == 0
                    && length / DescriptorBytes <= LargestSize
                    && TryCollect(address, length / (uint)DescriptorBytes, 0, nested: true);
            }

            if (!_chain.TryAdd(memory, address, length, (flags & DescriptorWrite) != 0))
                return false;
            if ((flags & DescriptorNext) == 0)
                return true;
            index = next;
        }

        return false; // a ring of descriptors
    }
}
