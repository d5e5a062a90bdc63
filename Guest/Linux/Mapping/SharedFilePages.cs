using System.Numerics;
using System.Runtime.InteropServices;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>
/// Write-back of shared file mappings, which are copies: a digest of each file page as it was read tells which pages
/// the guest changed, so that only those are written and what others wrote to the file meanwhile survives.
/// </summary>
internal sealed class SharedFilePages
{
    private readonly Dictionary<long, ulong> _digests = [];

    /// <summary>The copy of a file page is, now, what the file holds.</summary>
    public void Agree(long offset, ReadOnlySpan<byte> pages)
    {
        for (int i = 0; i < pages.Length; i += HostMemory.PageSize)
            _digests[offset + i] = Digest(pages.Slice(i, HostMemory.PageSize));
    }

    /// <summary>Writes changed pages to the file; a negated errno when the file refused.</summary>
    public long WriteBack(IMappableFile file, long offset, ReadOnlySpan<byte> pages)
    {
        for (int i = 0; i < pages.Length; i += HostMemory.PageSize)
        {
            ReadOnlySpan<byte> page = pages.Slice(i, HostMemory.PageSize);
            ulong digest = Digest(page);
            if (_digests.TryGetValue(offset + i, out ulong before) && before == digest)
                continue;
            long result = file.WriteAt(offset + i, page);
            if (result < 0)
                return result;
            _digests[offset + i] = digest;
        }

        return 0;
    }

    private static ulong Digest(ReadOnlySpan<byte> page)
    {
        const ulong Prime = 0x9E3779B97F4A7C15;
        ulong h = 0;
        foreach (ulong v in MemoryMarshal.Cast<byte, ulong>(page))
            h = (BitOperations.RotateLeft(h, 23) ^ v) * Prime;
        return h;
    }
}
