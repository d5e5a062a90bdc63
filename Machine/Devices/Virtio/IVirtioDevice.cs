using RvJit.Machine.Board;

namespace RvJit.Machine.Devices.Virtio;

/// <summary>What stands behind a virtio transport (OASIS, "Virtual I/O Device (VIRTIO) Version 1.2").</summary>
public interface IVirtioDevice
{
    string Name { get; }

    /// <summary>Device type (chapter 5, "Device Types").</summary>
    uint Id { get; }

    /// <summary>Feature bits of the device's own type; the transport adds its own.</summary>
    ulong Features { get; }

    int Queues { get; }

    /// <summary>The device-specific configuration, little-endian.</summary>
    ReadOnlySpan<byte> Configuration { get; }

    /// <summary>
    /// There may be work on a queue: the driver notified it, or the transport was told by <see cref="WorkArrived"/>.
    /// Called under the transport's lock. False: the driver has broken the rules, and the device needs a reset.
    /// </summary>
    bool Process(int index, VirtioQueue queue, DmaMemory memory);

    /// <summary>The device itself has something for a queue; raised on any thread, outside the transport's lock.</summary>
    event Action<int>? WorkArrived;
}
