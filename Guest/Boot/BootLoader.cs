using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RvJit.Guest.Elf;
using RvJit.Machine;
using RvJit.Machine.Board;

namespace RvJit.Guest.Boot;

/// <summary>
/// Puts firmware, kernel, initial RAM disk and device tree into RAM and says where harts start. From the top of RAM
/// down: the device tree, in a block of its own with room to grow, then the RAM disk.
/// </summary>
public sealed class BootLoader
{
    /// <summary>Where OpenSBI's fw_jump expects the kernel (OpenSBI documentation, "Generic Platform", FW_JUMP_OFFSET).</summary>
    public const ulong KernelOffset = 0x20_0000;

    /// <summary>
    /// Device tree and RAM disk end below this much of RAM: OpenSBI and early kernels reach it under every translation.
    /// </summary>
    private const ulong LoadWindow = 0x4000_0000;

    /// <summary>Room for the device tree and what firmware adds to it, in machines with enough memory and in small ones.</summary>
    private const ulong TreeBlock = 0x20_0000;
    private const ulong SmallTreeBlock = 0x4000;
    private const ulong SmallMemory = 0x100_0000;

    /// <summary>
    /// struct fw_dynamic_info (OpenSBI, include/sbi/fw_dynamic.h): magic, version, next address, next mode, options,
    /// boot hart, each a word of 64 bits.
    /// </summary>
    private const ulong DynamicMagic = 0x4942_534F;
    private const ulong DynamicVersion = 2;
    private const ulong DynamicSupervisor = 1;
    private const int DynamicBytes = 48;

    private const ulong PageMask = HostMemory.PageSize - 1;

    private readonly PhysicalMemory _memory;
    private readonly List<LoadedCode> _code = [];
    private readonly List<(ulong Start, ulong End, string What)> _taken = [];

    private BootLoader(PhysicalMemory memory) => _memory = memory;

    /// <summary>Loads everything; the error is one line for the user.</summary>
    public static bool TryLoad(
        PhysicalMemory memory, BootRequest request, [NotNullWhen(true)] out BootPlan? plan, [NotNullWhen(false)] out string? error)
    {
        plan = null;
        error = new BootLoader(memory).Load(request, out plan);
        return error is null;
    }

    private string? Load(BootRequest request, out BootPlan? plan)
    {
        plan = null;
        ElfFile? elf = null;
        ulong entry = _memory.Base;
        ulong kernelEntry = 0;
        if (request.Firmware is { } firmware && LoadImage(firmware, _memory.Base, out entry, out elf) is { } badFirmware)
            return badFirmware;
        if (request.Kernel is { } kernel && LoadImage(kernel, _memory.Base + KernelOffset, out kernelEntry, out _) is { } badKernel)
            return badKernel;

        ulong top = _memory.Base + Math.Min(_memory.Size, LoadWindow);
        ulong block = _memory.Size >= SmallMemory ? TreeBlock : SmallTreeBlock;
        ulong treeAddress = (top - Math.Min(block, _memory.Size)) & ~PageMask;
        ulong diskAddress = 0, diskBytes = 0;
        if (request.InitialDisk is { } disk && LoadDisk(disk, treeAddress, out diskAddress, out diskBytes) is { } badDisk)
            return badDisk;
        if (MakeTree(request, diskAddress, diskBytes, out byte[] tree) is { } badTree)
            return badTree;
        if ((ulong)tree.Length + DynamicBytes > top - treeAddress)
            return $"the device tree of {tree.Length} bytes is too large for the 0x{top - treeAddress:x} bytes at the end of memory; give more --memory or a smaller tree";
        if (Place(treeAddress, top - treeAddress, "the device tree") is { } noRoom)
            return noRoom;

        tree.CopyTo(_memory.Span(treeAddress, tree.Length));
        ulong dynamic = top - DynamicBytes;
        WriteDynamicInformation(_memory.Span(dynamic, DynamicBytes), kernelEntry);
        plan = new BootPlan
        {
            Entry = request.Firmware is null ? kernelEntry : entry,
            KernelEntry = kernelEntry,
            DeviceTreeAddress = treeAddress,
            DynamicInformationAddress = dynamic,
            DeviceTree = tree,
            FirmwareElf = elf,
            Code = _code,
        };
        return null;
    }

    /// <summary>An ELF file at its physical addresses, anything else at the address given.</summary>
    private string? LoadImage(string path, ulong address, out ulong entry, out ElfFile? elf)
    {
        entry = address;
        elf = null;
        if (!BootFile.TryRead(path, out byte[]? data, out string? error))
            return error;
        if (!BootFile.IsElf(data))
        {
            if (BootFile.Refuse(path, data) is { } refusal)
                return refusal;
            ulong bytes = Math.Max((ulong)data.Length, BootFile.KernelMemoryBytes(data));
            if (PlaceFile(path, address, bytes) is { } noRoom)
                return noRoom;
            data.CopyTo(_memory.Span(address, data.Length));
            return null;
        }

        if (!ElfFile.TryRead(data, out elf, out error, path, addressLimit: ulong.MaxValue))
            return error;
        ulong shift = ShiftOf(elf, address);
        _code.Add(LoadedCode.Whole(elf, shift));
        foreach (ElfSegment segment in elf.LoadSegments)
        {
            if (PlaceFile(path, segment.PhysicalAddress + shift, segment.MemorySize) is { } noRoom)
                return noRoom;
            elf.Contents(segment).CopyTo(_memory.Span(segment.PhysicalAddress + shift, (int)segment.FileSize));
        }

        entry = PhysicalEntry(elf) + shift;
        return CheckEntry(path, entry);
    }

    /// <summary>
    /// How far a file moves from where it was linked: a position-independent one that lies outside RAM (OpenSBI is linked
    /// for 0) goes to the address where a raw image would.
    /// </summary>
    private ulong ShiftOf(ElfFile elf, ulong address)
    {
        ulong lowest = elf.LoadSegments.Min(segment => segment.PhysicalAddress);
        return elf.Type == ElfType.Dynamic && !_memory.Contains(lowest, 1) ? address - lowest : 0;
    }

    /// <summary>Kernels are linked for virtual addresses: the entry lies as far into its segment in RAM.</summary>
    private static ulong PhysicalEntry(ElfFile elf)
    {
        foreach (ElfSegment segment in elf.LoadSegments)
        {
            if (elf.Entry >= segment.Address && elf.Entry - segment.Address < segment.MemorySize)
                return elf.Entry - segment.Address + segment.PhysicalAddress;
        }

        return elf.Entry;
    }

    private string? CheckEntry(string path, ulong entry)
    {
        if ((entry & 1) != 0)
            return $"{path}: its entry 0x{entry:x} is odd, but instructions are 2-byte aligned; the file is damaged";
        return _memory.Contains(entry, 2)
            ? null
            : $"{path}: its entry 0x{entry:x} lies outside RAM (0x{_memory.Base:x} to 0x{_memory.End:x}); link it into RAM";
    }

    private string? LoadDisk(string path, ulong end, out ulong address, out ulong bytes)
    {
        address = bytes = 0;
        if (!BootFile.TryRead(path, out byte[]? data, out string? error))
            return error;
        bytes = (ulong)data.Length;
        ulong whole = (bytes + PageMask) & ~PageMask;
        if (whole > end - _memory.Base)
            return $"{path} ({bytes} bytes) does not fit into memory of {_memory.Size} bytes; give more --memory";
        address = end - whole;
        if (PlaceFile(path, address, whole) is { } noRoom)
            return noRoom;
        data.CopyTo(_memory.Span(address, data.Length));
        return null;
    }

    private static string? MakeTree(BootRequest request, ulong diskAddress, ulong diskBytes, out byte[] tree)
    {
        tree = [];
        if (request.DeviceTree is not { } path)
        {
            tree = BoardDeviceTree.Build(request.Board with { InitialDiskAddress = diskAddress, InitialDiskBytes = diskBytes });
            return null;
        }

        if (!BootFile.TryRead(path, out byte[]? data, out string? error))
            return error;
        tree = data;
        return DeviceTreeReader.TryRead(data, out _, out error) ? null : $"--dtb {path} {error}";
    }

    private string? PlaceFile(string path, ulong address, ulong bytes)
    {
        if (_memory.Contains(address, bytes))
            return Place(address, bytes, path);
        return address >= _memory.Base && address < _memory.End
            ? $"{path} ends at 0x{address + bytes:x}, behind the end of RAM at 0x{_memory.End:x}; give more --memory"
            : $"{path} wants to be at 0x{address:x}, outside RAM (0x{_memory.Base:x} to 0x{_memory.End:x}); link it into RAM";
    }

    private string? Place(ulong address, ulong bytes, string what)
    {
        foreach ((ulong start, ulong end, string other) in _taken)
        {
            if (address < end && start < address + bytes && what != other)
                return $"{what} (at 0x{address:x}) overlaps {other} (0x{start:x} to 0x{end:x}); give more --memory, or link them apart";
        }

        _taken.Add((address, address + bytes, what));
        return null;
    }

    private static void WriteDynamicInformation(Span<byte> at, ulong kernelEntry)
    {
        ReadOnlySpan<ulong> words = [DynamicMagic, DynamicVersion, kernelEntry, DynamicSupervisor, 0, 0];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(at[(i * Unsafe.SizeOf<ulong>())..], words[i]);
    }
}
