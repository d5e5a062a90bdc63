using System.Numerics;
using RvJit.Machine;
using RvJit.Monitor;

namespace RvJit.Guest.Keystone;

/// <summary>
/// An enclave as the driver knows it: the open file it was made through, its memory, its id at the monitor (Keystone
/// linux-keystone-driver, struct enclave). Guarded by the driver's lock. The memory is given back when the enclave is gone and nothing maps it
/// any more.
/// </summary>
internal sealed class DriverEnclave(ulong id, KeystoneFile owner, ulong epmAddress, ulong epmSize)
{
    /// <summary>What the monitor is asked for an enclave that was never finalized (upstream: eid -1).</summary>
    public const ulong NotCreated = ulong.MaxValue;

    /// <summary>A gigabyte of shared buffer is enough for anyone, and keeps lengths in an int.</summary>
    private const ulong LargestUtmPages = 1 << 18;

    /// <summary>Pages that upstream's driver takes from the buddy allocator; more come from contiguous memory (Linux: an order below MAX_PAGE_ORDER).</summary>
    private const ulong MostBuddyPages = 512;

    private int _mappings;
    private bool _gone;

    public ulong Id { get; } = id;

    public KeystoneFile Owner { get; } = owner;

    public ulong EpmAddress { get; } = epmAddress;

    public ulong EpmSize { get; } = epmSize;

    public ulong UtmAddress { get; private set; }

    public ulong UtmSize { get; private set; }

    /// <summary>FINALIZE was tried: mmap now means the UTM (upstream: is_init).</summary>
    public bool Finalized { get; set; }

    public ulong MonitorId { get; set; } = NotCreated;

    /// <summary>2^n pages at their own alignment, zeroed, so that one PMP register describes them.</summary>
    public static bool TryAllocatePages(PhysicalMemory memory, ulong pages, out ulong address, out ulong bytes)
    {
        address = bytes = 0;
        if (pages == 0 || pages > memory.Size / HostMemory.PageSize)
            return false;
        bytes = BitOperations.RoundUpToPowerOf2(pages) * HostMemory.PageSize;
        return memory.TryAllocate(bytes, bytes, out address);
    }

    /// <summary>As upstream's driver: many pages are exactly as many as were asked for, which takes two PMP registers.</summary>
    public static bool TryAllocateAsUpstream(PhysicalMemory memory, ulong pages, out ulong address, out ulong bytes)
    {
        if (pages <= MostBuddyPages || pages > memory.Size / HostMemory.PageSize)
            return TryAllocatePages(memory, pages, out address, out bytes);
        bytes = pages * HostMemory.PageSize;
        return memory.TryAllocate(bytes, BitOperations.RoundUpToPowerOf2(bytes), out address);
    }

    public bool TryAllocateUtm(PhysicalMemory memory, ulong requested)
    {
        ulong pages = (requested / HostMemory.PageSize) + (requested % HostMemory.PageSize != 0 ? 1UL : 0);
        if (pages > LargestUtmPages || !TryAllocatePages(memory, pages, out ulong address, out ulong bytes))
            return false;
        UtmAddress = address;
        UtmSize = bytes;
        return true;
    }

    public EnclaveCreateArguments ArgumentsFor(in CreateEnclaveArgument a) => new(
        EpmAddress, EpmSize, UtmAddress, UtmSize, a.RuntimeAddress, a.UserAddress, a.FreeAddress, a.FreeRequested);

    public void Hold() => _mappings++;

    public void LetGo(PhysicalMemory memory)
    {
        _mappings--;
        FreeIfUnused(memory);
    }

    /// <summary>The enclave is over; the monitor has cleared what it had.</summary>
    public void Retire(PhysicalMemory memory)
    {
        _gone = true;
        FreeIfUnused(memory);
    }

    private void FreeIfUnused(PhysicalMemory memory)
    {
        if (!_gone || _mappings != 0)
            return;
        memory.Free(EpmAddress, EpmSize);
        if (UtmSize != 0)
            memory.Free(UtmAddress, UtmSize);
    }
}
