namespace RvJit.Machine.Board;

/// <summary>
/// What a physical address leads to: RAM, a device, or nothing. It is put together before the first hart runs and does
/// not change afterwards, so look-ups take no lock. Accesses to RAM do not come here; only their observation does.
/// </summary>
public sealed class SystemBus(PhysicalMemory memory)
{
    private readonly record struct Slot(ulong Start, ulong Size, IBusDevice Device);

    private readonly record struct Watch(ulong Start, ulong Size, IStoreObserver Observer);

    private Slot[] _slots = [];
    private Watch[] _watches = [];

    public PhysicalMemory Memory => memory;

    public IEnumerable<(ulong Address, IBusDevice Device)> Devices => _slots.Select(slot => (slot.Start, slot.Device));

    public void Add(ulong address, IBusDevice device)
    {
        ulong end = checked(address + device.Size);
        if (_slots.Any(slot => address < slot.Start + slot.Size && slot.Start < end) || (address < memory.End && memory.Base < end))
            throw new ArgumentException($"{device.Name} at 0x{address:x} overlaps something on the bus", nameof(address));
        _slots = [.. _slots.Append(new Slot(address, device.Size, device)).OrderBy(slot => slot.Start)];
    }

    /// <summary>Loads 1, 2, 4 or 8 bytes outside RAM, zero-extended. False: an access fault.</summary>
    public bool TryRead(ulong address, int bytes, out ulong value)
    {
        if (Find(address, bytes) is { Device: { } device } slot)
            return device.TryRead(address - slot.Start, bytes, out value);
        value = 0;
        return false;
    }

    /// <summary>Stores the low 1, 2, 4 or 8 bytes outside RAM. False: an access fault.</summary>
    public bool TryWrite(ulong address, int bytes, ulong value) =>
        Find(address, bytes) is { Device: { } device } slot && device.TryWrite(address - slot.Start, bytes, value);

    /// <summary>Asks to see the stores into a range of RAM.</summary>
    public void Observe(ulong address, ulong bytes, IStoreObserver observer) =>
        _watches = [.. _watches, new Watch(address, bytes, observer)];

    /// <summary>True when stores to this page of RAM must not go unseen: it never gets a write translation.</summary>
    /// <param name="page">Physical address of the page's first byte.</param>
    public bool IsObserved(ulong page)
    {
        foreach (Watch watch in _watches)
        {
            if (watch.Start < page + HostMemory.PageSize && page < watch.Start + watch.Size)
                return true;
        }

        return false;
    }

    /// <summary>Bytes of an observed page have been stored by a hart; call it after the store.</summary>
    public void NoteStored(ulong address, int bytes)
    {
        foreach (Watch watch in _watches)
        {
            if (watch.Start < address + (ulong)bytes && address < watch.Start + watch.Size)
                watch.Observer.NoteStored(address, (ulong)bytes);
        }
    }

    private Slot Find(ulong address, int bytes)
    {
        Slot[] slots = _slots;
        int low = 0, high = slots.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (slots[middle].Start <= address)
                low = middle + 1;
            else
                high = middle;
        }

        if (low == 0)
            return default;
        Slot slot = slots[low - 1];
        ulong offset = address - slot.Start;
        return offset < slot.Size && (ulong)bytes <= slot.Size - offset ? slot : default;
    }
}
