using System.Diagnostics.CodeAnalysis;
using RvJit.Guest.Elf;
using RvJit.Guest.Linux.Mapping;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Loading;

/// <summary>An ELF file in memory.</summary>
/// <param name="Bias">What was added to its addresses.</param>
/// <param name="Entry">Where it starts.</param>
/// <param name="ProgramHeaders">Where its program headers lie in memory, or 0.</param>
/// <param name="End">One past its highest byte.</param>
internal sealed record LoadedImage(ElfFile File, ulong Bias, ulong Entry, ulong ProgramHeaders, ulong End);

/// <summary>Puts the segments of an ELF file into a process (fs/binfmt_elf.c).</summary>
internal static class ProgramLoader
{
    public static bool TryLoad(
        MemoryMap map, PhysicalMemory memory, ElfFile file, ulong bias, [NotNullWhen(true)] out LoadedImage? image, [NotNullWhen(false)] out string? error)
    {
        image = null;
        error = Check(file, bias);
        if (error is not null)
            return false;
        IReadOnlyList<ElfSegment> loads = file.LoadSegments;
        for (int first = 0; first < loads.Count;)
        {
            // Segments that touch each other's pages share one piece of memory.
            int last = first + 1;
            while (last < loads.Count && UserLayout.RoundDown(loads[last].Address) <= UserLayout.RoundUp(loads[last - 1].End))
                last++;
            error = LoadPiece(map, memory, file, bias, first, last);
            if (error is not null)
                return false;
            first = last;
        }

        image = new LoadedImage(file, bias, file.Entry + bias, FindProgramHeaders(file, bias), file.HighestAddress + bias);
        return true;
    }

    private static string? Check(ElfFile file, ulong bias)
    {
        ulong lowest = file.LowestAddress + bias;
        ulong highest = file.HighestAddress + bias;
        if (highest > UserLayout.Limit || highest < lowest)
            return $"{file.Path} reaches past 0x{UserLayout.Limit:x}, the end of user memory; link it lower";
        if (lowest < UserLayout.Lowest)
            return $"{file.Path} is linked at 0x{lowest:x}, below 0x{UserLayout.Lowest:x}, where no program may lie; link it higher";
        bool entryIsCode = (file.Entry & 1) == 0 && file.LoadSegments.Any(
            s => (s.Flags & ElfSegmentFlags.Execute) != 0 && file.Entry >= s.Address && file.Entry < s.End);
        return entryIsCode ? null : $"{file.Path}: its entry point 0x{file.Entry:x} lies in no executable segment; is it a program?";
    }

    private static string? LoadPiece(MemoryMap map, PhysicalMemory memory, ElfFile file, ulong bias, int first, int last)
    {
        IReadOnlyList<ElfSegment> loads = file.LoadSegments;
        ulong start = UserLayout.RoundDown(loads[first].Address + bias);
        ulong end = UserLayout.RoundUp(loads[last - 1].End + bias);
        if (end - start > memory.Size)
            return $"{file.Path} needs {(end - start) >> 20} MiB of memory, more than the guest has ({memory.Size >> 20} MiB)";
        var grants = new Access[(end - start) / UserLayout.Page];
        for (int i = first; i < last; i++)
        {
            ulong from = (UserLayout.RoundDown(loads[i].Address + bias) - start) / UserLayout.Page;
            ulong to = (UserLayout.RoundUp(loads[i].End + bias) - start) / UserLayout.Page;
            foreach (ref Access grant in grants.AsSpan((int)from, (int)(to - from)))
                grant |= Grant(loads[i].Flags);
        }

        bool placed = map.TryPlace(start, grants, VmaFlags.None, physical =>
        {
            for (int i = first; i < last; i++)
            {
                ReadOnlySpan<byte> contents = file.Contents(loads[i]);
                contents.CopyTo(memory.Span(physical + (loads[i].Address + bias - start), contents.Length));
            }
        });
        return placed ? null : $"{file.Path} cannot be loaded at 0x{start:x}: the place is taken or guest memory is short";
    }

    private static Access Grant(ElfSegmentFlags flags) =>
        ((flags & ElfSegmentFlags.Read) != 0 ? Access.Read : Access.None)
        | ((flags & ElfSegmentFlags.Write) != 0 ? Access.ReadWrite : Access.None)
        | ((flags & ElfSegmentFlags.Execute) != 0 ? Access.Execute : Access.None);

    /// <summary>AT_PHDR: the headers lie in memory when a segment was loaded from their place in the file.</summary>
    private static ulong FindProgramHeaders(ElfFile file, ulong bias)
    {
        foreach (ElfSegment s in file.LoadSegments)
        {
            if (file.ProgramHeadersOffset >= s.Offset && file.ProgramHeadersOffset < s.Offset + s.FileSize)
                return file.ProgramHeadersOffset - s.Offset + s.Address + bias;
        }

        return 0;
    }
}
