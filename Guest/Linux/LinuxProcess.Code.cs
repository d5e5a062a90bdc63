using RvJit.Guest.Elf;
using RvJit.Guest.Linux.Mapping;
using RvJit.Machine;

namespace RvJit.Guest.Linux;

/// <summary>Which files a process executes.</summary>
public sealed partial class LinuxProcess
{
    /// <summary>The program and its ELF interpreter, as they were loaded.</summary>
    internal IReadOnlyList<LoadedCode> Images { get; set; } = [];

    /// <summary>
    /// The program, its interpreter, and every file that is mapped executable now (shared objects). Files that cannot be
    /// read any more, or are no ELF files, are left out.
    /// </summary>
    public IReadOnlyList<LoadedCode> FindCode()
    {
        var code = new List<LoadedCode>(Images);
        foreach (Vma area in Map.Snapshot())
        {
            if ((area.Access & Access.Execute) == 0 || area.Backing is not { } backing
                || !ElfFile.TryRead(backing.Path, out ElfFile? file, out _))
                continue;
            foreach (ElfSegment segment in file.LoadSegments)
            {
                ulong place = (ulong)area.FileOffset - segment.Offset;
                if ((segment.Flags & ElfSegmentFlags.Execute) != 0 && UserLayout.RoundDown(segment.Offset) <= (ulong)area.FileOffset
                    && (ulong)area.FileOffset < segment.Offset + segment.FileSize)
                    code.Add(new LoadedCode(area.Start, area.End, area.Start - (segment.Address + place), file));
            }
        }

        return code;
    }
}
