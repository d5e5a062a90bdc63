using System.Buffers.Binary;
using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>What a host wrote back, read once.</summary>
public readonly record struct EdgeResult(ulong Status, ulong Offset, ulong Size);

/// <summary>
/// The runtime's view of the UTM. The host may change any byte at any time, so nothing is read twice: headers are
/// copied out first, then checked, and lengths that matter are kept in private memory. Access goes by the PMP of the
/// hart that runs the enclave.
/// </summary>
public readonly ref struct EdgeBuffer
{
    private EdgeBuffer(Span<byte> bytes) => Bytes = bytes;

    public Span<byte> Bytes { get; }

    /// <summary>The buffer as the hart may touch it now; false when its PMP says no.</summary>
    public static bool TryOpen(Hart hart, PhysicalMemory memory, ulong address, ulong size, out EdgeBuffer buffer)
    {
        buffer = default;
        if (size > int.MaxValue || !memory.Contains(address, size) || !hart.Pmp.Allows(address, size, Access.ReadWrite))
            return false;
        buffer = new EdgeBuffer(memory.Span(address, (int)size));
        return true;
    }

    /// <summary>Keystone sdk/src/edge/edge_call.c, edge_call_get_ptr_from_offset: the range begins inside the buffer and ends inside it.</summary>
    public bool Holds(ulong offset, ulong size) =>
        offset < (ulong)Bytes.Length && size <= (ulong)Bytes.Length - offset;

    /// <summary>Whether arguments of a size fit behind the header.</summary>
    public bool HasRoom(ulong argumentSize) =>
        Bytes.Length >= EdgeCallAbi.DataOffset && argumentSize <= (ulong)(Bytes.Length - EdgeCallAbi.DataOffset);

    /// <summary>Writes the header of a call whose arguments are in place; wipes what the last call returned.</summary>
    public void Post(ulong callId, ulong argumentSize)
    {
        Write(EdgeCallAbi.CallIdOffset, callId);
        Write(EdgeCallAbi.ArgumentOffsetOffset, EdgeCallAbi.DataOffset);
        Write(EdgeCallAbi.ArgumentSizeOffset, argumentSize);
        Write(EdgeCallAbi.StatusOffset, 0);
        Write(EdgeCallAbi.ResultOffsetOffset, 0);
        Write(EdgeCallAbi.ResultSizeOffset, 0);
    }

    public EdgeResult ReadResult() => new(
        Read(EdgeCallAbi.StatusOffset), Read(EdgeCallAbi.ResultOffsetOffset), Read(EdgeCallAbi.ResultSizeOffset));

    public ulong Read(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes[offset..]);

    private void Write(int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Bytes[offset..], value);
}
