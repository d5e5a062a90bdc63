using System.Numerics;
using RvJit.Machine;

namespace RvJit.Monitor.EdgeCalls;

/// <summary>
/// The memory that asynchronous edge calls of one enclave go through: the upper half of its UTM. The monitor lays it out,
/// owns its header, and keeps the directions: the host writes the lower half, the enclave the upper one, whose first page
/// is the header. An eapp cannot write the header either, because its runtime maps that page read-only.
/// </summary>
public sealed unsafe class EdgeCallRegion
{
    private readonly PhysicalMemory _memory;
    private int _users;

    internal EdgeCallRegion(PhysicalMemory memory, uint enclaveId, ulong address, ulong length, in EdgeCallShape shape, uint generation)
    {
        _memory = memory;
        Address = address;
        Length = length;
        Shape = shape;
        Format(enclaveId, generation);
    }

    /// <summary>Guest physical address.</summary>
    public ulong Address { get; }

    public ulong Length { get; }

    public EdgeCallShape Shape { get; }

    /// <summary>Where the enclave begins to write, and where the header stands.</summary>
    public ulong Upper => Address + (Length / 2);

    /// <summary>The enclave rings, the host's threads sleep.</summary>
    public EdgeCallDoor HostDoor { get; } = new();

    /// <summary>The host rings, the enclave's threads sleep.</summary>
    public EdgeCallDoor EnclaveDoor { get; } = new();

    /// <summary>A copy of the header.</summary>
    public AecHeader Header => *Pointer;

    public uint Generation => Pointer->Gen;

    /// <summary>SHA3-512 of the handler table that the enclave sealed; empty before.</summary>
    public ReadOnlyMemory<byte> TableHash { get; private set; }

    /// <summary>What the monitor says; the header repeats it for those who cannot ask.</summary>
    public AecState State { get; private set; } = AecState.Initial;

    /// <summary>Host view of the region, for native code that plays the host's part.</summary>
    internal byte* Bytes => _memory.Pointer(Address, Length);

    private AecHeader* Pointer => (AecHeader*)_memory.Pointer(Upper, (ulong)sizeof(AecHeader));

    /// <summary>The upper half of a UTM can be a region of this shape.</summary>
    public static bool Fits(ulong utmAddress, ulong utmSize, in EdgeCallShape shape) =>
        BitOperations.IsPow2(utmSize)
        && (utmAddress & (utmSize - 1)) == 0
        && utmSize / 2 is >= AecAbi.MinimumRegion and <= 1u << 30
        && shape.IsValid
        && KeystoneAbi.PageSize + (ulong)shape.EnclaveControlBytes + KeystoneAbi.PageSize <= utmSize / 4
        && (ulong)shape.HostControlBytes + KeystoneAbi.PageSize <= utmSize / 4;

    /// <summary>No call passes any more, and none will.</summary>
    public bool IsOver => State is AecState.Draining or AecState.Dead;

    /// <summary>Native code is about to touch the region; false when it may not. Pair with <see cref="Release"/>, soon, and without the monitor's lock.</summary>
    internal bool TryUse()
    {
        Interlocked.Increment(ref _users);
        if (!IsOver)
            return true;
        Release();
        return false;
    }

    internal void Release() => Interlocked.Decrement(ref _users);

    /// <summary>The region is over: returns when no native code touches it any more.</summary>
    internal void AwaitUsers()
    {
        Interlocked.MemoryBarrier();
        var spin = new SpinWait();
        while (Volatile.Read(ref _users) != 0)
            spin.SpinOnce();
    }

    internal void Move(AecState state)
    {
        State = state;
        if (state != AecState.Live)
            Pointer->Gen++;
        Volatile.Write(ref *(uint*)&Pointer->State, (uint)state);
    }

    internal void Seal(byte[] hash, uint functions)
    {
        TableHash = hash;
        Pointer->MaxFunc = functions;
    }

    private void Format(uint enclaveId, uint generation)
    {
        _memory.Zero(Address, Length);
        uint half = (uint)(Length / 2);
        AecHeader* h = Pointer;
        h->Major = AecAbi.Major;
        h->Minor = AecAbi.Minor;
        h->Eid = enclaveId;
        h->Gen = generation;
        h->RegionLen = (uint)Length;
        h->Features = Shape.Features;
        h->NOsq = Shape.OcallLanes;
        h->NEsq = Shape.EcallLanes;
        h->Log2Entries = Shape.Log2Entries;
        Place(h, AecZone.HostControl, 0, Shape.HostControlBytes);
        Place(h, AecZone.HostData, Shape.HostControlBytes, half - Shape.HostControlBytes);
        Place(h, AecZone.EnclaveControl, half + KeystoneAbi.PageSize, Shape.EnclaveControlBytes);
        uint data = half + KeystoneAbi.PageSize + Shape.EnclaveControlBytes;
        Place(h, AecZone.EnclaveData, data, (uint)Length - data);
        h->Timebase = UserCsrs.TimebaseHertz;
        h->State = AecState.Initial;
        h->Magic = AecAbi.Magic;
    }

    private static void Place(AecHeader* header, AecZone zone, uint offset, uint length)
    {
        header->Off[(int)zone] = offset;
        header->Len[(int)zone] = length;
    }
}

/// <summary>How many lanes each way, and how many entries a ring has.</summary>
public readonly record struct EdgeCallShape(ushort OcallLanes, ushort EcallLanes, ushort Log2Entries, uint Features = 0)
{
    public bool IsValid =>
        OcallLanes <= AecAbi.MaximumLanes
        && EcallLanes <= AecAbi.MaximumLanes
        && OcallLanes + EcallLanes > 0
        && Log2Entries is >= AecAbi.MinimumLog2 and <= AecAbi.MaximumLog2;

    /// <summary>Whole pages of the enclave's control zone.</summary>
    public uint EnclaveControlBytes => Pages(AecAbi.ServingOffset(OcallLanes, EcallLanes, Log2Entries));

    public uint HostControlBytes => Pages(AecAbi.ServingOffset(EcallLanes, OcallLanes, Log2Entries));

    private static uint Pages(uint bytes) => (bytes + KeystoneAbi.PageSize - 1) & ~(uint)(KeystoneAbi.PageSize - 1);
}
