namespace RvJit.Monitor.EdgeCalls.Host;

/// <summary>
/// Where the host's side finds its lanes in a region. From the shape that the monitor keeps, never from the header, which
/// lies where an enclave's supervisor can write.
/// </summary>
internal sealed unsafe class HostView(EdgeCallRegion region)
{
    private readonly byte* _base = region.Bytes;
    private readonly uint _half = (uint)(region.Length / 2);
    private readonly EdgeCallShape _shape = region.Shape;

    public EdgeCallRegion Region => region;

    public uint Entries => 1u << _shape.Log2Entries;

    /// <summary>Offset of the zone that the host's payload goes to.</summary>
    public uint Data => _shape.HostControlBytes;

    public uint DataLength => _half - Data;

    private uint EnclaveControl => _half + KeystoneAbi.PageSize;

    private uint EnclaveData => EnclaveControl + _shape.EnclaveControlBytes;

    private uint EnclaveDataLength => (uint)region.Length - EnclaveData;

    /// <summary>A lane that the host calls through: what it writes, and what the enclave does.</summary>
    public (LaneHalf Mine, LaneHalf Peer) Calling(int lane) => (
        new LaneHalf(_base + AecAbi.CallingOffset((uint)lane, _shape.Log2Entries)),
        new LaneHalf(_base + EnclaveControl + AecAbi.ServingOffset(_shape.OcallLanes, (uint)lane, _shape.Log2Entries)));

    /// <summary>A lane that the host serves.</summary>
    public (LaneHalf Mine, LaneHalf Peer) Serving(int lane) => (
        new LaneHalf(_base + AecAbi.ServingOffset(_shape.EcallLanes, (uint)lane, _shape.Log2Entries)),
        new LaneHalf(_base + EnclaveControl + AecAbi.CallingOffset((uint)lane, _shape.Log2Entries)));

    public Span<byte> Own(uint offset, uint length) => new(_base + offset, (int)length);

    /// <summary>The only way to read what the enclave wrote beside its rings: one pass, into private memory. False when it does not lie in the enclave's data zone.</summary>
    public bool TryCopyIn(uint offset, Span<byte> to)
    {
        uint at = offset - EnclaveData;
        if (offset < EnclaveData || at > EnclaveDataLength || (uint)to.Length > EnclaveDataLength - at)
            return false;
        new ReadOnlySpan<byte>(_base + offset, to.Length).CopyTo(to);
        return true;
    }
}

/// <summary>One side's part of a lane (docs/abi/edge-calls.md, "Lanes"): a line, the hot slot, the entries.</summary>
internal readonly unsafe struct LaneHalf(byte* start)
{
    /// <summary>Of who calls: head of the completions. Of who serves: head of the submissions.</summary>
    public AecLine* Head => (AecLine*)(start + AecAbi.HeadLine);

    public byte* Entries => start + AecAbi.LaneLines;

    public static uint Index(AecLine* line) => Volatile.Read(ref line->Idx);

    /// <summary>Everything before is visible to who reads the index.</summary>
    public static void Publish(AecLine* line, uint index) => Volatile.Write(ref line->Idx, index);

    public static void Wish(AecLine* line, AecWish wish) => Volatile.Write(ref *(uint*)&line->Flags, (uint)wish);

    /// <summary>Whether the other side wants to hear that an index went from old to now. A full fence stands between the index and this look.</summary>
    public static bool WantsBell(AecLine* reader, uint old, uint now)
    {
        Interlocked.MemoryBarrier();
        var wish = (AecWish)Volatile.Read(ref *(uint*)&reader->Flags);
        return wish.HasFlag(AecWish.Notify)
            || (wish.HasFlag(AecWish.UseEvent) && now - Volatile.Read(ref reader->Event) - 1 < now - old);
    }

    /// <summary>Tells who serves that a CANCEL is among what it has not taken.</summary>
    public static void Cancels(AecLine* line) => Volatile.Write(ref line->Cancels, 1);

    /// <summary>Whether the other side has published an entry.</summary>
    public bool Has<T>(uint index, uint entries)
        where T : unmanaged => (uint)Volatile.Read(ref *Slot<T>(index, entries)) == index + 1;

    /// <summary>Copies an entry that the other side wrote, if it is there, each word once.</summary>
    /// <param name="isBroken">Neither that entry stands there, nor what the last round left, nor nothing: there is no telling what the other side does.</param>
    public bool TryTake<T>(uint index, uint entries, out T entry, out bool isBroken)
        where T : unmanaged
    {
        ulong* from = Slot<T>(index, entries);
        ulong first = Volatile.Read(ref *from);
        uint seq = (uint)first;
        bool isThere = seq == index + 1;
        isBroken = !isThere && seq != index + 1 - entries && seq != 0;
        T copy = default;
        *(ulong*)&copy = first;
        for (int i = 1; isThere && i < sizeof(T) / sizeof(ulong); i++)
            ((ulong*)&copy)[i] = Volatile.Read(ref from[i]);
        entry = copy;
        return isThere;
    }

    /// <summary>Writes an entry of one's own. Its first word, which holds its sequence, comes last and publishes it.</summary>
    public void Put<T>(uint index, uint entries, T entry)
        where T : unmanaged
    {
        ulong* to = Slot<T>(index, entries);
        for (int i = 1; i < sizeof(T) / sizeof(ulong); i++)
            to[i] = ((ulong*)&entry)[i];
        Volatile.Write(ref *to, *(ulong*)&entry);
    }

    private ulong* Slot<T>(uint index, uint entries)
        where T : unmanaged => (ulong*)((T*)Entries + (index & (entries - 1)));
}
