using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>Mapped files.</summary>
public sealed partial class MemoryMap
{
    private readonly Dictionary<FileIdentity, SharedFile> _sharedFiles = [];
    private volatile int _sharedFileCount;

    /// <summary>Whether reads and writes through descriptors have mappings to consider.</summary>
    internal bool HasSharedFiles => _sharedFileCount != 0;

    /// <summary>mmap(2) of a file, whose reference passes to the map.</summary>
    public long MapFile(ulong address, ulong length, Access access, MapFlags flags, IMappableFile file, bool writable, long offset)
    {
        lock (_lock)
        {
            bool shared = (flags & MapFlags.TypeMask) != MapFlags.Private;
            AreaBacking backing = shared ? ShareFile(file, writable) : new PrivateFile(file);
            VmaFlags kind = !shared ? VmaFlags.None : writable ? VmaFlags.Shared : VmaFlags.Shared | VmaFlags.MayNotWrite;
            backing.Hold();
            long result = MapLocked(address, length, access, flags, kind, backing, offset);
            backing.Release();
            return result;
        }
    }

    /// <summary>
    /// An access past the end a mapped file had: if the file has grown, its pages appear now. False when there is still
    /// nothing, which is SIGBUS.
    /// </summary>
    internal bool TryReachFile(ulong address)
    {
        lock (_lock)
        {
            ulong page = UserLayout.RoundDown(address);
            if (!_areas.TryFind(page, out Vma area) || (area.Flags & VmaFlags.PastEnd) == 0)
                return false;
            Vma rest = area.Clip(page, area.End);
            rest.Backing!.Hold();
            _areas.Remove(rest.Start, rest.End);
            long error = Install(rest with { Flags = rest.Flags & ~VmaFlags.PastEnd });
            if (error < 0 && _areas.IsFree(rest.Start, rest.End))
                _areas.Add(rest);
            rest.Backing.Release();
            return _areas.TryFind(page, out area) && (area.Flags & VmaFlags.PastEnd) == 0;
        }
    }

    /// <summary>Before a descriptor reads or writes a range of a file: what the guest changed in mappings goes there first.</summary>
    internal void FlushFile(FileIdentity file, long offset, ulong bytes)
    {
        lock (_lock)
        {
            if (_sharedFiles.TryGetValue(file, out SharedFile? shared))
                _ = shared.Flush(offset, bytes);
        }
    }

    /// <summary>After a descriptor wrote a range of a file: mappings show it.</summary>
    internal void ReloadFile(FileIdentity file, long offset, ulong bytes)
    {
        lock (_lock)
        {
            if (_sharedFiles.TryGetValue(file, out SharedFile? shared))
                shared.Reload(offset, bytes);
        }
    }

    internal bool IsShared(FileIdentity file)
    {
        lock (_lock)
            return _sharedFiles.ContainsKey(file);
    }

    private SharedFile ShareFile(IMappableFile file, bool writable)
    {
        if (!_sharedFiles.TryGetValue(file.Identity, out SharedFile? shared))
        {
            shared = new SharedFile(file, _memory, closed =>
            {
                _sharedFiles.Remove(closed.Identity);
                _sharedFileCount = _sharedFiles.Count;
            });
            _sharedFiles.Add(shared.Identity, shared);
            _sharedFileCount = _sharedFiles.Count;
        }

        shared.Adopt(file, writable);
        return shared;
    }

    /// <summary>Copies a private file area's contents; what lies past the end of the file becomes an area of its own.</summary>
    private long InstallPrivateFile(Vma area, PrivateFile file)
    {
        if (!_memory.TryAllocate(area.Length, UserLayout.Page, out ulong physical))
            return -Errno.ENOMEM;
        long got = FilePages.Read(file.File, _memory, area.FileOffset, physical, area.Length);
        ulong valid = got < 0 ? 0 : UserLayout.RoundUp((ulong)got);
        if (valid < area.Length)
            _memory.Free(physical + valid, area.Length - valid);
        if (got < 0)
            return got;
        if (valid != 0)
        {
            Vma present = area.Clip(area.Start, area.Start + valid) with { Physical = physical };
            if (Show(ref present) is < 0 and var error)
            {
                _memory.Free(physical, valid);
                return error;
            }

            _areas.Add(present);
        }

        AddPastEnd(area, valid);
        return 0;
    }

    private long InstallSharedFile(Vma area, SharedFile file)
    {
        for (ulong at = area.Start; at < area.End;)
        {
            Vma rest = area.Clip(at, area.End);
            long error = file.TryProvide(rest.FileOffset, rest.Length, out ulong physical, out ulong bytes);
            Vma piece = rest.Clip(at, at + bytes) with { Physical = physical };
            if (error == 0 && bytes != 0)
                error = Show(ref piece);
            if (error < 0)
            {
                Discard(area.Start, at);
                return error;
            }

            if (bytes == 0)
            {
                AddPastEnd(area, at - area.Start);
                return 0;
            }

            _areas.Add(piece);
            at += bytes;
        }

        return 0;
    }

    private void AddPastEnd(in Vma area, ulong valid)
    {
        if (valid < area.Length)
            _areas.Add(area.Clip(area.Start + valid, area.End) with { Flags = area.Flags | VmaFlags.PastEnd });
    }

    /// <summary>Sends what the guest changed in a shared area to its file.</summary>
    private static long WriteBack(in Vma area) =>
        area.Backing is SharedFile file && area.HasPhysical ? file.Flush(area.FileOffset, area.Length) : 0;
}
