using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RvJit.Machine.Board;

/// <summary>A node of a device tree with its properties and children, in the order of the file.</summary>
public sealed class DeviceTreeNode(string name)
{
    private readonly Dictionary<string, byte[]> _properties = [];
    private readonly List<DeviceTreeNode> _children = [];

    public string Name => name;

    public IReadOnlyDictionary<string, byte[]> Properties => _properties;

    public IReadOnlyList<DeviceTreeNode> Children => _children;

    /// <summary>The node at a path below this one ("soc/serial@10000000"), or null.</summary>
    public DeviceTreeNode? Find(string path)
    {
        DeviceTreeNode? node = this;
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            node = node?._children.Find(child => child.Name == part);
        return node;
    }

    /// <summary>The strings of a property; none when it does not exist.</summary>
    public string[] Text(string property) => _properties.TryGetValue(property, out byte[]? value)
        ? Encoding.UTF8.GetString(value).TrimEnd('\0').Split('\0')
        : [];

    /// <summary>The whole cells of a property.</summary>
    public uint[] Cells(string property)
    {
        byte[] value = _properties.GetValueOrDefault(property, []);
        var cells = new uint[value.Length / sizeof(uint)];
        for (int i = 0; i < cells.Length; i++)
            cells[i] = BinaryPrimitives.ReadUInt32BigEndian(value.AsSpan(i * sizeof(uint)));
        return cells;
    }

    internal void Add(string property, byte[] value) => _properties[property] = value;

    internal void Add(DeviceTreeNode child) => _children.Add(child);
}

/// <summary>Checks and reads a flattened device tree that somebody else made; nothing in it is believed before it is checked.</summary>
public ref struct DeviceTreeReader
{
    /// <summary>Deeper trees exist nowhere; the bound keeps a hostile one from growing the list of open nodes.</summary>
    private const int DeepestNode = 64;

    private readonly ReadOnlySpan<byte> _structure;
    private readonly ReadOnlySpan<byte> _strings;
    private int _at;

    private DeviceTreeReader(ReadOnlySpan<byte> structure, ReadOnlySpan<byte> strings)
    {
        _structure = structure;
        _strings = strings;
    }

    /// <summary>Reads the tree; on failure the error is what is wrong with it, to stand behind the file's name.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> tree, [NotNullWhen(true)] out DeviceTreeNode? root, [NotNullWhen(false)] out string? error)
    {
        root = null;
        if (tree.Length < DeviceTreeFormat.HeaderBytes)
        {
            error = $"is truncated: {tree.Length} bytes do not hold the header of a device tree";
            return false;
        }

        if (Field(tree, 0) != DeviceTreeFormat.Magic)
        {
            error = "is not a flattened device tree (compile the source with dtc -O dtb)";
            return false;
        }

        uint total = Field(tree, DeviceTreeFormat.TotalSizeField);
        if (total < DeviceTreeFormat.HeaderBytes || total > (uint)tree.Length)
        {
            error = $"is damaged: its header says {total} bytes, the file has {tree.Length}";
            return false;
        }

        tree = tree[..(int)total];
        if (Field(tree, DeviceTreeFormat.CompatibleVersionField) > DeviceTreeFormat.Version
            || Field(tree, DeviceTreeFormat.VersionField) < DeviceTreeFormat.Version)
        {
            error = $"has device tree version {Field(tree, DeviceTreeFormat.VersionField)}; version {DeviceTreeFormat.Version} is needed (dtc -V {DeviceTreeFormat.Version})";
            return false;
        }

        if (!TryBlock(tree, DeviceTreeFormat.StructureOffsetField, DeviceTreeFormat.StructureSizeField, out ReadOnlySpan<byte> structure)
            || !TryBlock(tree, DeviceTreeFormat.StringsOffsetField, DeviceTreeFormat.StringsSizeField, out ReadOnlySpan<byte> strings))
        {
            error = "is damaged: a block of the device tree lies outside the file";
            return false;
        }

        root = new DeviceTreeReader(structure, strings).ReadTree();
        error = root is null ? "is damaged: its structure block is not a tree" : null;
        return root is not null;
    }

    private DeviceTreeNode? ReadTree()
    {
        var open = new Stack<DeviceTreeNode>();
        while (TryCell(out uint token))
        {
            switch (token)
            {
                case DeviceTreeFormat.Nothing:
                    break;
                case DeviceTreeFormat.BeginNode:
                    if (open.Count == DeepestNode || !TryName(_structure, _at, out string? name))
                        return null;
                    _at = Aligned(_at + name.Length + 1);
                    var node = new DeviceTreeNode(name);
                    if (open.TryPeek(out DeviceTreeNode? parent))
                        parent.Add(node);
                    open.Push(node);
                    break;
                case DeviceTreeFormat.Property:
                    if (open.Count == 0 || !TryProperty(open.Peek()))
                        return null;
                    break;
                case DeviceTreeFormat.EndNode:
                    if (!open.TryPop(out DeviceTreeNode? closed))
                        return null;
                    if (open.Count == 0)
                        return EndsHere() ? closed : null;
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    private bool EndsHere()
    {
        uint token;
        while (TryCell(out token) && token == DeviceTreeFormat.Nothing)
        {
        }

        return token == DeviceTreeFormat.End;
    }

    private bool TryProperty(DeviceTreeNode node)
    {
        if (!TryCell(out uint length) || !TryCell(out uint nameOffset) || length > (uint)(_structure.Length - _at)
            || nameOffset > (uint)_strings.Length || !TryName(_strings, (int)nameOffset, out string? name))
            return false;
        node.Add(name, _structure.Slice(_at, (int)length).ToArray());
        _at = Aligned(_at + (int)length);
        return true;
    }

    private bool TryCell(out uint value)
    {
        value = 0;
        if (_at > _structure.Length - sizeof(uint))
            return false;
        value = BinaryPrimitives.ReadUInt32BigEndian(_structure[_at..]);
        _at += sizeof(uint);
        return true;
    }

    private static bool TryName(ReadOnlySpan<byte> bytes, int at, [NotNullWhen(true)] out string? name)
    {
        name = null;
        int length = at <= bytes.Length ? bytes[at..].IndexOf((byte)0) : -1;
        if (length < 0)
            return false;
        name = Encoding.Latin1.GetString(bytes.Slice(at, length));
        return true;
    }

    private static int Aligned(int offset) => (offset + sizeof(uint) - 1) & ~(sizeof(uint) - 1);

    private static uint Field(ReadOnlySpan<byte> tree, int offset) => BinaryPrimitives.ReadUInt32BigEndian(tree[offset..]);

    private static bool TryBlock(ReadOnlySpan<byte> tree, int offsetField, int sizeField, out ReadOnlySpan<byte> block)
    {
        uint offset = Field(tree, offsetField);
        uint size = Field(tree, sizeField);
        bool inside = offset <= (uint)tree.Length && size <= (uint)tree.Length - offset;
        block = inside ? tree.Slice((int)offset, (int)size) : default;
        return inside;
    }
}
