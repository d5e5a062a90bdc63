namespace RvJit.Machine;

/// <summary>
/// The port of a hart as its S-mode sees it: suist, suirs and suicfg. Fields lie where THU's user-interrupt extension has
/// them (its suist and suirs); the tables are outside of guest memory, so no physical page number is in them. Only the two
/// EN bits can be written. On a hart that is connected to nothing, all are 0.
/// </summary>
public sealed partial class UserInterruptPort
{
    /// <summary>EN of suist, that user code may send, and of suirs, that pending bits raise USIP.</summary>
    public const ulong Enabled = 1UL << 63;

    /// <summary>suist.SIZE: entries of the table of senders.</summary>
    public const int SizeShift = 44;

    /// <summary>suirs: the receiver's generation, above its number.</summary>
    public const int GenerationShift = 16;

    /// <summary>suicfg: vectors of a receiver, and entries that a table of senders can have, above the receivers that there can be.</summary>
    public const int MostEntriesShift = 16;
    public const int VectorsShift = 32;

    internal static ulong ReadSenders(Hart hart) => hart.UserInterruptPort is { Senders: { } senders } port
        ? (port.MaySend ? Enabled : 0) | (ulong)senders.Count << SizeShift
        : 0;

    internal static void WriteSenders(Hart hart, ulong value)
    {
        if (hart.UserInterruptPort is { } port)
            port.MaySend = (value & Enabled) != 0;
    }

    internal static ulong ReadReceiver(Hart hart) => hart.UserInterruptPort is { Receiver: { } receiver }
        ? (receiver.IsActive ? Enabled : 0) | (ulong)receiver.Generation << GenerationShift | (uint)receiver.Index
        : 0;

    /// <summary>As uipi.activate and uipi.deactivate.</summary>
    internal static void WriteReceiver(Hart hart, ulong value) => hart.UserInterruptPort?.SetActive((value & Enabled) != 0);

    internal static ulong ReadConfiguration(Hart hart) => hart.UserInterruptPort is null
        ? 0
        : (ulong)UserInterruptController.Vectors << VectorsShift | (ulong)UserInterruptSenders.MostEntries << MostEntriesShift | UserInterruptController.MostReceivers;
}
