namespace RvJit.Machine.Board;

/// <summary>Registers in the physical address space. Any hart's thread calls, so a device guards itself.</summary>
public interface IBusDevice
{
    /// <summary>For messages and statistics.</summary>
    string Name { get; }

    /// <summary>Bytes of address space from the device's first register.</summary>
    ulong Size { get; }

    /// <summary>Reads 1, 2, 4 or 8 bytes, zero-extended. False: the device has no such register or no such width; an access fault.</summary>
    bool TryRead(ulong offset, int bytes, out ulong value);

    /// <summary>Writes the low 1, 2, 4 or 8 bytes. False: an access fault.</summary>
    bool TryWrite(ulong offset, int bytes, ulong value);
}
