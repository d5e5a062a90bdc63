using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using RvJit.Machine.Board;

namespace RvJit.Machine.Devices.Virtio;

/// <summary>A disk whose contents are a host file (VIRTIO 1.2, "Block Device"). Requests are served one after the other.</summary>
public sealed class VirtioBlock : IVirtioDevice, IDisposable
{
    public const int SectorBytes = 512;

    private const ulong FeatureSegments = 1UL << 2;
    private const ulong FeatureReadOnly = 1UL << 5;
    private const ulong FeatureBlockSize = 1UL << 6;
    private const ulong FeatureFlush = 1UL << 9;

    private const int HeaderBytes = 16;
    private const uint In = 0;
    private const uint Out = 1;
    private const uint Flush = 4;
    private const uint GetId = 8;
    private const int IdBytes = 20;

    private const byte Ok = 0;
    private const byte IoError = 1;
    private const byte Unsupported = 2;

    private const int ChunkBytes = 1 << 16;

    private readonly SafeFileHandle _file;
    private readonly bool _readOnly;
    private readonly ulong _sectors;
    private readonly byte[] _chunk = new byte[ChunkBytes];
    private readonly byte[] _configuration = new byte[24];
    private readonly byte[] _id = new byte[IdBytes];

    /// <summary>Takes over an open file of whole sectors.</summary>
    public VirtioBlock(SafeFileHandle file, bool readOnly, string id)
    {
        _file = file;
        _readOnly = readOnly;
        _sectors = (ulong)RandomAccess.GetLength(file) / SectorBytes;
        BinaryPrimitives.WriteUInt64LittleEndian(_configuration, _sectors);
        BinaryPrimitives.WriteUInt32LittleEndian(_configuration.AsSpan(12), VirtioQueue.LargestSize - 2); // segments of a request
        BinaryPrimitives.WriteUInt32LittleEndian(_configuration.AsSpan(20), SectorBytes);
        System.Text.Encoding.ASCII.GetBytes(id.AsSpan(0, Math.Min(id.Length, IdBytes)), _id);
    }

    public string Name => "blk";

    public uint Id => 2;

    public ulong Features => FeatureSegments | FeatureBlockSize | FeatureFlush | (_readOnly ? FeatureReadOnly : 0);

    public int Queues => 1;

    public ReadOnlySpan<byte> Configuration => _configuration;

    /// <summary>A disk never has work of its own.</summary>
    public event Action<int>? WorkArrived
    {
        add { }
        remove { }
    }

    public bool Process(int index, VirtioQueue queue, DmaMemory memory)
    {
        while (true)
        {
            switch (queue.Take(out VirtioChain chain))
            {
                case VirtioTake.Nothing:
                    return true;
                case VirtioTake.Broken:
                    return false;
            }

            if (!TryServe(chain, memory, out uint written) || !queue.Give(chain, written))
                return false;
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>False: the request has no header or no room for its status.</summary>
    private bool TryServe(VirtioChain chain, DmaMemory memory, out uint written)
    {
        written = 0;
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (!chain.TryRead(memory, 0, header) || chain.WritableBytes == 0)
            return false;
        uint type = BinaryPrimitives.ReadUInt32LittleEndian(header);
        ulong sector = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        ulong room = chain.WritableBytes - 1;
        byte status;
        try
        {
            status = type switch
            {
                In => ReadSectors(chain, memory, sector, room),
                Out => WriteSectors(chain, memory, sector, chain.ReadableBytes - HeaderBytes),
                Flush => FlushFile(),
                GetId => chain.TryWrite(memory, 0, _id.AsSpan(0, (int)Math.Min(room, IdBytes))) ? Ok : IoError,
                _ => Unsupported,
            };
        }
        catch (IOException)
        {
            status = IoError;
        }

        // The status is the last byte of the request; a failed one may have written less before it, or nothing.
        written = (uint)Math.Min(chain.WritableBytes, uint.MaxValue);
        return chain.TryWrite(memory, room, [status]);
    }

    private bool IsInside(ulong sector, ulong bytes) =>
        bytes % SectorBytes == 0 && sector <= _sectors && bytes / SectorBytes <= _sectors - sector;

    private byte ReadSectors(VirtioChain chain, DmaMemory memory, ulong sector, ulong bytes)
    {
        if (!IsInside(sector, bytes))
            return IoError;
        for (ulong done = 0; done < bytes;)
        {
            Span<byte> part = _chunk.AsSpan(0, (int)Math.Min(ChunkBytes, bytes - done));
            int read = RandomAccess.Read(_file, part, (long)((sector * SectorBytes) + done));
            if (read == 0 || !chain.TryWrite(memory, done, part[..read]))
                return IoError; // somebody has cut the file
            done += (ulong)read;
        }

        return Ok;
    }

    private byte WriteSectors(VirtioChain chain, DmaMemory memory, ulong sector, ulong bytes)
    {
        if (_readOnly || !IsInside(sector, bytes))
            return IoError;
        for (ulong done = 0; done < bytes;)
        {
            Span<byte> part = _chunk.AsSpan(0, (int)Math.Min(ChunkBytes, bytes - done));
            if (!chain.TryRead(memory, HeaderBytes + done, part))
                return IoError;
            RandomAccess.Write(_file, part, (long)((sector * SectorBytes) + done));
            done += (ulong)part.Length;
        }

        return Ok;
    }

    private byte FlushFile()
    {
        RandomAccess.FlushToDisk(_file);
        return Ok;
    }
}
