using System.Buffers.Binary;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// The payload of a forwarded system call being written into the UTM: fields at the offsets of Keystone
/// sdk/include/edge/edge_syscall.h as compiled for RV64. Anything that does not fit, or that the eapp may not read,
/// makes the whole payload fail.
/// </summary>
internal ref struct SyscallPayload
{
    private readonly EnclaveAddressSpace _user;
    private readonly Span<byte> _bytes;

    /// <summary>Zeroes the fixed part, so that padding carries nothing of the last call.</summary>
    public SyscallPayload(EnclaveAddressSpace user, Span<byte> buffer, int fixedSize)
    {
        _user = user;
        Fits = buffer.Length - EdgeCallAbi.PayloadOffset >= fixedSize;
        if (!Fits)
            return;
        _bytes = buffer[EdgeCallAbi.PayloadOffset..];
        _bytes[..fixedSize].Clear();
        Size = fixedSize;
    }

    public bool Fits { get; private set; }

    /// <summary>Bytes that the call's argument size announces.</summary>
    public int Size { get; private set; }

    public readonly void Int(int offset, ulong value) => Int(offset, (uint)value);

    public readonly void Int(int offset, uint value)
    {
        if (Fits)
            BinaryPrimitives.WriteUInt32LittleEndian(_bytes[offset..], value);
    }

    public readonly void Long(int offset, ulong value)
    {
        if (Fits)
            BinaryPrimitives.WriteUInt64LittleEndian(_bytes[offset..], value);
    }

    /// <summary>Bytes of the eapp at an offset inside the fixed part.</summary>
    public void User(int offset, ulong address, int bytes)
    {
        if (Fits)
            Fits = offset + bytes <= _bytes.Length && _user.TryRead(address, _bytes.Slice(offset, bytes));
    }

    /// <summary>Bytes of the eapp at the end, and whether they count in the argument's size.</summary>
    public void Tail(int offset, ulong address, ulong bytes, int size)
    {
        Reserve(offset, bytes);
        if (!Fits)
            return;
        Fits = _user.TryRead(address, _bytes.Slice(offset, (int)bytes));
        Size = size + (int)bytes;
    }

    /// <summary>Room at the end that the host will fill.</summary>
    public void Reserve(int offset, ulong bytes)
    {
        if (Fits)
            Fits = bytes <= (ulong)(_bytes.Length - offset);
    }

    /// <summary>A path with its zero at the end.</summary>
    public void Path(int offset, ulong address)
    {
        const int Longest = 4096;
        if (!Fits)
            return;
        byte[]? path = _user.TryReadString(address, Longest);
        Fits = path is not null && path.Length < _bytes.Length - offset;
        if (!Fits)
            return;
        path.CopyTo(_bytes[offset..]);
        _bytes[offset + path!.Length] = 0;
        Size = offset + path.Length + 1;
    }

    /// <summary>A path in a field of fixed size.</summary>
    public void PathField(int offset, ulong address, int field)
    {
        if (!Fits)
            return;
        byte[]? path = _user.TryReadString(address, field);
        Fits = path is not null && path.Length < field;
        if (Fits)
            path.CopyTo(_bytes[offset..]);
    }

    /// <summary>The size that the layout announces where it is not what was written.</summary>
    public void Announce(int size) => Size = size;
}
