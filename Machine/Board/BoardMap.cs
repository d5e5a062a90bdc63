namespace RvJit.Machine.Board;

/// <summary>
/// Where things are: the addresses and interrupt numbers of QEMU's board "virt" (QEMU documentation, "'virt' Generic
/// Virtual Platform"), so that firmware and kernels built for it run.
/// </summary>
public static class BoardMap
{
    public const ulong Finisher = 0x10_0000;
    public const ulong Rtc = 0x10_1000;
    public const ulong Clint = 0x200_0000;
    public const ulong Plic = 0xC00_0000;
    public const ulong Uart = 0x1000_0000;
    public const ulong Virtio = 0x1000_1000;
    public const ulong VirtioStride = 0x1000;

    /// <summary>Slots for virtio devices; slot n uses interrupt <see cref="VirtioInterrupt"/> + n.</summary>
    public const int VirtioSlots = 8;

    public const int VirtioInterrupt = 1;
    public const int UartInterrupt = 10;
    public const int RtcInterrupt = 11;

    /// <summary>As many as the board's interrupt controllers have room for in their address ranges here.</summary>
    public const int MostHarts = 64;

    public static ulong VirtioSlot(int slot) => Virtio + ((ulong)slot * VirtioStride);
}
