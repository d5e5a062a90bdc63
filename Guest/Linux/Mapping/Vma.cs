using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

[Flags]
public enum VmaFlags
{
    None = 0,

    /// <summary>MAP_SHARED: changes go to the file.</summary>
    Shared = 1,
    Heap = 2,
    Stack = 4,

    /// <summary>The kernel's own page (signal return).</summary>
    Special = 8,

    /// <summary>The extent is a device's, not the area's own.</summary>
    Device = 16,
}

/// <summary>
/// One virtual memory area: guest pages [Start, End) with one grant over one contiguous physical extent. An area whose
/// pages nobody may touch yet can do without an extent; one may exist without being mapped in the world.
/// </summary>
public readonly record struct Vma(
    ulong Start, ulong End, Access Access, VmaFlags Flags, ulong Physical, bool Mapped, MappedFile? File = null, long FileOffset = 0)
{
    public const ulong NoPhysical = ulong.MaxValue;

    public ulong Length => End - Start;

    public bool HasPhysical => Physical != NoPhysical;

    public ulong PhysicalAt(ulong address) => HasPhysical ? Physical + (address - Start) : NoPhysical;

    /// <summary>The part of the area inside [start, end).</summary>
    public Vma Clip(ulong start, ulong end)
    {
        ulong s = Math.Max(Start, start);
        return this with
        {
            Start = s,
            End = Math.Min(End, end),
            Physical = PhysicalAt(s),
            FileOffset = File is null ? 0 : FileOffset + (long)(s - Start),
        };
    }

    /// <summary>Whether <paramref name="next"/> only continues this area.</summary>
    public bool Continues(in Vma next) =>
        End == next.Start && Access == next.Access && Flags == next.Flags && Mapped == next.Mapped && File == next.File
        && HasPhysical == next.HasPhysical && PhysicalAt(End) == next.Physical
        && (File is null || FileOffset + (long)Length == next.FileOffset);
}

/// <summary>A file some areas map. Counted by area; the map's lock guards the count.</summary>
public sealed class MappedFile(IMappableFile file, bool writable)
{
    private int _references;

    public IMappableFile File { get; } = file;

    /// <summary>Opened so that a shared mapping may write it.</summary>
    public bool Writable { get; } = writable;

    /// <summary>What the pages held when they last agreed with the file; see <see cref="SharedFilePages"/>.</summary>
    internal SharedFilePages Digests { get; } = new();

    internal void Hold() => _references++;

    internal void Release()
    {
        if (--_references == 0)
            File.Dispose();
    }
}
