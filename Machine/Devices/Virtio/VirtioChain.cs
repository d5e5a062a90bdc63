using RvJit.Machine.Board;

namespace RvJit.Machine.Devices.Virtio;

/// <summary>One request: buffers that the device reads, then buffers that it writes, each checked to lie in RAM.</summary>
public sealed class VirtioChain
{
    private readonly record struct Buffer(ulong Address, uint Length);

    private readonly List<Buffer> _readable = [];
    private readonly List<Buffer> _writable = [];

    /// <summary>Number of the first descriptor, which is the request's name in the used ring.</summary>
    public ushort Head { get; private set; }

    public ulong ReadableBytes { get; private set; }

    public ulong WritableBytes { get; private set; }

    /// <summary>Copies bytes out of the readable part; false when it does not have them.</summary>
    public bool TryRead(DmaMemory memory, ulong offset, Span<byte> bytes)
    {
        foreach ((ulong address, int count) in Parts(_readable, offset, bytes.Length))
        {
            if (!memory.TryRead(address, bytes[..count]))
                return false;
            bytes = bytes[count..];
        }

        return bytes.IsEmpty;
    }

    /// <summary>Copies bytes into the writable part; false when it has no room for them.</summary>
    public bool TryWrite(DmaMemory memory, ulong offset, ReadOnlySpan<byte> bytes)
    {
        foreach ((ulong address, int count) in Parts(_writable, offset, bytes.Length))
        {
            if (!memory.TryWrite(address, bytes[..count]))
                return false;
            bytes = bytes[count..];
        }

        return bytes.IsEmpty;
    }

    internal void Start(ushort head)
    {
        Head = head;
        _readable.Clear();
        _writable.Clear();
        ReadableBytes = 0;
        WritableBytes = 0;
    }

    /// <summary>False: the buffer is not RAM, or stands in the wrong place.</summary>
    internal bool TryAdd(DmaMemory memory, ulong address, uint length, bool writable)
    {
        if (!memory.Contains(address, length) || (!writable && _writable.Count > 0))
            return false;
        if (writable)
        {
            _writable.Add(new Buffer(address, length));
            WritableBytes += length;
        }
        else
        {
            _readable.Add(new Buffer(address, length));
            ReadableBytes += length;
        }

        return true;
    }

    /// <summary>Where so many bytes from an offset lie in RAM, as far as the buffers go.</summary>
    private static IEnumerable<(ulong Address, int Count)> Parts(List<Buffer> buffers, ulong offset, int bytes)
    {
        foreach (Buffer buffer in buffers)
        {
            if (bytes == 0)
                yield break;
            if (offset >= buffer.Length)
            {
                offset -= buffer.Length;
                continue;
            }

            int count = (int)Math.Min((ulong)bytes, buffer.Length - offset);
            yield return (buffer.Address + offset, count);
            bytes -= count;
            offset = 0;
        }
    }
}
