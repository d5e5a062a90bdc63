namespace RvJit.Machine.Board;

/// <summary>Numbers of the flattened device tree (Devicetree Specification, "Flattened Devicetree (DTB) Format").</summary>
internal static class DeviceTreeFormat
{
    public const uint Magic = 0xD00DFEED;
    public const uint Version = 17;
    public const uint CompatibleVersion = 16;
    public const uint HeaderBytes = 40;

    // Positions of header fields.
    public const int TotalSizeField = 4;
    public const int StructureOffsetField = 8;
    public const int StringsOffsetField = 12;
    public const int VersionField = 20;
    public const int CompatibleVersionField = 24;
    public const int StringsSizeField = 32;
    public const int StructureSizeField = 36;

    // Tokens of the structure block.
    public const uint BeginNode = 1;
    public const uint EndNode = 2;
    public const uint Property = 3;
    public const uint Nothing = 4;
    public const uint End = 9;
}
