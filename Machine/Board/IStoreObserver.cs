namespace RvJit.Machine.Board;

/// <summary>Wants to know of stores into a piece of RAM.</summary>
public interface IStoreObserver
{
    /// <summary>Bytes of RAM have been stored by a hart; the range touches the observed one.</summary>
    void NoteStored(ulong address, ulong bytes);
}
