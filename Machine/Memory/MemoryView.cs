namespace RvJit.Machine;

/// <summary>
/// The precise way of a hart into memory: what an instruction does when the fast check of translated code refused it,
/// decided for this one access. Faults are values; a refused access has had no effect.
/// </summary>
public abstract unsafe class MemoryView
{
    /// <summary>Loads 1, 2, 4 or 8 bytes, zero-extended; the address may be misaligned and the access may cross pages.</summary>
    public abstract bool TryLoad(ulong address, int bytes, out ulong value, out Trap trap);

    /// <summary>Stores the low 1, 2, 4 or 8 bytes; drops translations of what it changes.</summary>
    public abstract bool TryStore(ulong address, int bytes, ulong value, out Trap trap);

    /// <summary>Fetches 2 bytes of an instruction.</summary>
    public abstract bool TryFetch(ulong address, out ushort parcel, out Trap trap);

    /// <summary>
    /// Host address of naturally aligned bytes for an atomic operation. A refusal of a read-modify-write is a store
    /// fault. After writing through the pointer the caller says <see cref="NoteWritten"/>.
    /// </summary>
    public abstract bool TryAtomic(ulong address, int bytes, Access access, out byte* pointer, out Trap trap);

    /// <summary>Bytes were written through a pointer of <see cref="TryAtomic"/>: drops translations of what changed.</summary>
    public abstract void NoteWritten(ulong address, int bytes);
}
