namespace RvJit.Guest.Linux.Mapping;

/// <summary>MAP_* of mmap(2) (asm-generic/mman-common.h, mman.h).</summary>
[Flags]
public enum MapFlags
{
    Shared = 1,
    Private = 2,
    SharedValidate = 3,
    TypeMask = 15,
    Fixed = 0x10,
    Anonymous = 0x20,
    GrowsDown = 0x100,
    NoReserve = 0x4000,
    FixedNoReplace = 0x100000,
}

/// <summary>MREMAP_* of mremap(2).</summary>
[Flags]
public enum MoveFlags
{
    None = 0,
    MayMove = 1,
    Fixed = 2,
    DontUnmap = 4,
}
