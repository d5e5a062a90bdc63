using RvJit.Machine;

namespace RvJit.Tests.Support;

/// <summary>Pages in a row, of which each allows something else.</summary>
/// <param name="address">Of the first.</param>
/// <param name="access">What each allows; none: it is not mapped.</param>
internal sealed unsafe class PageRow(ulong address, params Access[] access)
{
    /// <summary>Addresses of those that are mapped.</summary>
    public IEnumerable<ulong> Mapped =>
        Enumerable.Range(0, access.Length).Where(k => access[k] != Access.None).Select(AddressOf);

    public void MapInto(GuestHarness g)
    {
        for (int k = 0; k < access.Length; k++)
        {
            if (access[k] != Access.None)
                g.Map(AddressOf(k), HostMemory.PageSize, access[k]);
        }
    }

    /// <summary>All that the mapped ones hold.</summary>
    public byte[] ContentsIn(GuestHarness g)
    {
        var bytes = new List<byte>();
        foreach (ulong page in Mapped)
            bytes.AddRange(new ReadOnlySpan<byte>(g.World.Base + page, (int)HostMemory.PageSize));
        return [.. bytes];
    }

    private ulong AddressOf(int page) => address + ((ulong)page * HostMemory.PageSize);
}
