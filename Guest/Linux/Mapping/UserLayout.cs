using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>
/// Where things lie in a guest process, after riscv64 Linux with Sv39 (arch/riscv/include/asm/processor.h and elf.h),
/// without randomisation: the same program sees the same addresses in every run.
/// </summary>
public static class UserLayout
{
    public const ulong Page = HostMemory.PageSize;

    /// <summary>TASK_SIZE: one past the highest user address.</summary>
    public const ulong Limit = World.AddressLimit;

    /// <summary>vm.mmap_min_addr.</summary>
    public const ulong Lowest = 0x10000;

    /// <summary>The kernel's page with the code that signal handlers return to; where Linux has its vDSO.</summary>
    public const ulong SignalReturn = Limit - (1 << 20);

    public const ulong StackTop = Limit - (2 << 20);

    /// <summary>
    /// What the kernel leaves unused at the top of the stack; Linux leaves up to two pages, at random (arch_align_stack).
    /// Accesses to the last page of a mapping are the slower ones, and here it would be the busiest.
    /// </summary>
    public const ulong StackGap = Page;

    /// <summary>mmap hands out addresses downwards from here.</summary>
    public const ulong MapTop = Limit - (128 << 20);

    /// <summary>ELF_ET_DYN_BASE: position-independent programs, a page-aligned two thirds of the user area.</summary>
    public const ulong ProgramBase = Limit / 3 * 2 / Page * Page;

    /// <summary>How far brk may be from the end of the program at first.</summary>
    public const ulong HeapGap = Page;

    public static bool IsAligned(ulong value) => (value & (Page - 1)) == 0;

    public static ulong RoundUp(ulong value) => (value + Page - 1) & ~(Page - 1);

    public static ulong RoundDown(ulong value) => value & ~(Page - 1);
}
