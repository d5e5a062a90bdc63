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

    /// <summary>A shared mapping of a file that is not open for writing.</summary>
    MayNotWrite = 16,

    /// <summary>Pages past the end of the file: nothing is there, and an access is SIGBUS unless the file has grown.</summary>
    PastEnd = 32,
}

/// <summary>
/// One virtual memory area: guest pages [Start, End) with one grant over one contiguous physical extent. An area whose
/// pages nobody may touch yet can do without an extent; one may exist without being mapped in the world.
/// </summary>
public readonly record struct Vma(
    ulong Start, ulong End, Access Access, VmaFlags Flags, ulong Physical, bool Mapped, AreaBacking? Backing = null, long FileOffset = 0)
{
    public const ulong NoPhysical = ulong.MaxValue;

    public ulong Length => End - Start;

    public bool HasPhysical => Physical != NoPhysical;

    /// <summary>Whether the extent goes back to physical memory with the area.</summary>
    public bool OwnsPhysical => HasPhysical && Backing is not { OwnsPhysical: true };

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
            FileOffset = Backing is null ? 0 : FileOffset + (long)(s - Start),
        };
    }

    /// <summary>Whether <paramref name="next"/> only continues this area.</summary>
    public bool Continues(in Vma next) =>
        End == next.Start && Access == next.Access && Flags == next.Flags && Mapped == next.Mapped && Backing == next.Backing
        && HasPhysical == next.HasPhysical && PhysicalAt(End) == next.Physical
        && (Backing is null || FileOffset + (long)Length == next.FileOffset);
}
