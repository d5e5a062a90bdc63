using RvJit.Machine.Board;

namespace RvJit.Machine.Devices.Virtio;

/// <summary>A console with one port (VIRTIO 1.2, "Console Device").</summary>
public sealed class VirtioConsole : IVirtioDevice
{
    private const int ReceiveQueue = 0;
    private const int TransmitQueue = 1;
    private const int ChunkBytes = 4096;

    private readonly ICharacterPort _port;

    public VirtioConsole(ICharacterPort port)
    {
        _port = port;
        port.Arrived += () => WorkArrived?.Invoke(ReceiveQueue);
    }

    public string Name => "console";

    public uint Id => 3;

    public ulong Features => 0;

    public int Queues => 2;

    public ReadOnlySpan<byte> Configuration => [];

    public event Action<int>? WorkArrived;

    public bool Process(int index, VirtioQueue queue, DmaMemory memory) =>
        index == TransmitQueue ? Transmit(queue, memory) : Receive(queue, memory);

    private bool Transmit(VirtioQueue queue, DmaMemory memory)
    {
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        while (true)
        {
            VirtioTake take = queue.Take(out VirtioChain chain);
            if (take != VirtioTake.Request)
                return take == VirtioTake.Nothing;
            for (ulong done = 0; done < chain.ReadableBytes;)
            {
                Span<byte> part = chunk[..(int)Math.Min(ChunkBytes, chain.ReadableBytes - done)];
                if (!chain.TryRead(memory, done, part))
                    return false;
                _port.Write(part);
                done += (ulong)part.Length;
            }

            if (!queue.Give(chain, 0))
                return false;
        }
    }

    private bool Receive(VirtioQueue queue, DmaMemory memory)
    {
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        while (true)
        {
            // A buffer is taken only when there is something to put into it.
            VirtioTake take = queue.Take(out VirtioChain chain);
            if (take != VirtioTake.Request)
                return take == VirtioTake.Nothing;
            int room = (int)Math.Min(ChunkBytes, chain.WritableBytes);
            int count = 0;
            while (count < room && _port.TryRead(out byte value))
                chunk[count++] = value;
            if (room == 0)
                return false;
            if (count == 0)
                return true;
            if (!chain.TryWrite(memory, 0, chunk[..count]) || !queue.Give(chain, (uint)count))
                return false;
        }
    }
}
