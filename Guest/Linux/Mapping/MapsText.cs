using System.Globalization;
using System.Text;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>/proc/self/maps as Linux writes it (proc(5)).</summary>
internal static class MapsText
{
    private const int NameColumn = 73;

    public static string Of(MemoryMap map)
    {
        var text = new StringBuilder();
        foreach (Vma area in map.Snapshot())
        {
            int lineStart = text.Length;
            text.Append(CultureInfo.InvariantCulture, $"{area.Start:x8}-{area.End:x8} ")
                .Append((area.Access & Access.Read) != 0 ? 'r' : '-')
                .Append((area.Access & Access.Write) != 0 ? 'w' : '-')
                .Append((area.Access & Access.Execute) != 0 ? 'x' : '-')
                .Append((area.Flags & VmaFlags.Shared) != 0 ? 's' : 'p')
                .Append(CultureInfo.InvariantCulture, $" {area.FileOffset:x8} 00:00 0");
            string name = NameOf(area);
            if (name.Length != 0)
                text.Append(' ', Math.Max(1, NameColumn - (text.Length - lineStart))).Append(name);
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string NameOf(in Vma area) => area switch
    {
        { Backing: { } backing } => backing.Path,
        _ when (area.Flags & VmaFlags.Heap) != 0 => "[heap]",
        _ when (area.Flags & VmaFlags.Stack) != 0 => "[stack]",
        _ when (area.Flags & VmaFlags.Special) != 0 => "[vdso]",
        _ => "",
    };
}
