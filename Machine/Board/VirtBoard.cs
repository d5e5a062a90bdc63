using RvJit.Machine.Devices;
using RvJit.Machine.Devices.Virtio;

namespace RvJit.Machine.Board;

/// <summary>What a board is put together from.</summary>
public sealed record BoardParts
{
    public required SystemBus Bus { get; init; }

    public required DmaMemory Dma { get; init; }

    public required MachineClock Clock { get; init; }

    public required MachineStopper Stopper { get; init; }

    /// <summary>The interrupt inputs of the harts, by hart number.</summary>
    public required IReadOnlyList<IInterruptLines> Harts { get; init; }

    /// <summary>What the serial port is connected to.</summary>
    public required ICharacterPort Serial { get; init; }

    /// <summary>Devices in the first virtio slots; at most <see cref="BoardMap.VirtioSlots"/>.</summary>
    public IReadOnlyList<IVirtioDevice> Virtio { get; init; } = [];
}

/// <summary>The devices of a machine, wired to its harts and put on its bus.</summary>
public sealed class VirtBoard
{
    public VirtBoard(BoardParts parts)
    {
        Plic = new Plic(parts.Harts);
        Clint = new Clint(parts.Clock, parts.Harts);
        parts.Bus.Add(BoardMap.Finisher, new Finisher(parts.Stopper));
        parts.Bus.Add(BoardMap.Rtc, new GoldfishRtc(parts.Clock, Plic.Line(BoardMap.RtcInterrupt)));
        parts.Bus.Add(BoardMap.Clint, Clint);
        parts.Bus.Add(BoardMap.Plic, Plic);
        parts.Bus.Add(BoardMap.Uart, new Uart(parts.Serial, Plic.Line(BoardMap.UartInterrupt)));
        for (int slot = 0; slot < BoardMap.VirtioSlots; slot++)
        {
            IVirtioDevice? device = slot < parts.Virtio.Count ? parts.Virtio[slot] : null;
            parts.Bus.Add(BoardMap.VirtioSlot(slot), new VirtioMmio(device, parts.Dma, Plic.Line(BoardMap.VirtioInterrupt + slot)));
        }
    }

    public Clint Clint { get; }

    public Plic Plic { get; }
}
