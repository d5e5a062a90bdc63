using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace RvJit.Machine.Board;

/// <summary>
/// Writes a flattened device tree, version 17 (Devicetree Specification, "Flattened Devicetree (DTB) Format"). Numbers
/// in it are big-endian cells of 32 bits.
/// </summary>
public sealed class DeviceTreeWriter
{
    private readonly ArrayBufferWriter<byte> _structure = new();
    private readonly ArrayBufferWriter<byte> _strings = new();
    private readonly Dictionary<string, uint> _stringOffsets = [];

    /// <summary>A node with its content; the root's name is empty.</summary>
    public void Node(string name, Action content)
    {
        Cell(_structure, DeviceTreeFormat.BeginNode);
        _structure.Write(Encoding.ASCII.GetBytes(name + '\0'));
        Pad(_structure);
        content();
        Cell(_structure, DeviceTreeFormat.EndNode);
    }

    /// <summary>A property without a value.</summary>
    public void Flag(string name) => Bytes(name, []);

    /// <summary>A list of cells.</summary>
    public void Cells(string name, params ReadOnlySpan<uint> cells)
    {
        byte[] value = new byte[cells.Length * sizeof(uint)];
        for (int i = 0; i < cells.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(i * sizeof(uint)), cells[i]);
        Bytes(name, value);
    }

    /// <summary>Pairs of address and size, each of two cells.</summary>
    public void Wide(string name, params ReadOnlySpan<ulong> numbers)
    {
        byte[] value = new byte[numbers.Length * sizeof(ulong)];
        for (int i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteUInt64BigEndian(value.AsSpan(i * sizeof(ulong)), numbers[i]);
        Bytes(name, value);
    }

    /// <summary>A list of strings.</summary>
    public void Text(string name, params IEnumerable<string> values) =>
        Bytes(name, Encoding.UTF8.GetBytes(string.Concat(values.Select(value => value + '\0'))));

    public void Bytes(string name, ReadOnlySpan<byte> value)
    {
        Cell(_structure, DeviceTreeFormat.Property);
        Cell(_structure, (uint)value.Length);
        Cell(_structure, StringOffset(name));
        _structure.Write(value);
        Pad(_structure);
    }

    /// <summary>The finished tree.</summary>
    public byte[] ToArray()
    {
        Cell(_structure, DeviceTreeFormat.End);
        const uint ReservationBytes = 16; // one empty entry ends the list
        uint structureOffset = DeviceTreeFormat.HeaderBytes + ReservationBytes;
        uint stringsOffset = structureOffset + (uint)_structure.WrittenCount;
        uint total = (stringsOffset + (uint)_strings.WrittenCount + 7) & ~7U;
        var output = new ArrayBufferWriter<byte>((int)total);
        foreach (uint field in (ReadOnlySpan<uint>)
        [
            DeviceTreeFormat.Magic, total, structureOffset, stringsOffset, DeviceTreeFormat.HeaderBytes,
            DeviceTreeFormat.Version, DeviceTreeFormat.CompatibleVersion, BootHart, (uint)_strings.WrittenCount, (uint)_structure.WrittenCount,
        ])
            Cell(output, field);
        output.Write(new byte[ReservationBytes]);
        output.Write(_structure.WrittenSpan);
        output.Write(_strings.WrittenSpan);
        byte[] tree = new byte[total];
        output.WrittenSpan.CopyTo(tree);
        return tree;
    }

    private const uint BootHart = 0;

    private uint StringOffset(string name)
    {
        if (_stringOffsets.TryGetValue(name, out uint offset))
            return offset;
        offset = (uint)_strings.WrittenCount;
        _strings.Write(Encoding.ASCII.GetBytes(name + '\0'));
        _stringOffsets.Add(name, offset);
        return offset;
    }

    private static void Cell(ArrayBufferWriter<byte> output, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(sizeof(uint)), value);
        output.Advance(sizeof(uint));
    }

    private static void Pad(ArrayBufferWriter<byte> output)
    {
        while (output.WrittenCount % sizeof(uint) != 0)
            output.Write<byte>([0]);
    }
}
