using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>One thread of an eapp.</summary>
internal sealed class EnclaveThread(int id)
{
    public const long NoDeadline = long.MaxValue;

    /// <summary>Its registers while it does not run.</summary>
    public HartContext Context;

    /// <summary>Its user-level traps while it does not run.</summary>
    public UserTraps? UserTraps { get; set; }

    public int Id { get; } = id;

    /// <summary>Where 0 is written and a waiter woken when it ends; 0: nowhere.</summary>
    public ulong ClearId { get; set; }

    /// <summary>The word that it waits on, or 0: it only waits for its deadline.</summary>
    public ulong WaitAddress { get; set; }

    /// <summary>FUTEX_WAIT_BITSET: a wake with any of these bits is for it.</summary>
    public uint WaitBits { get; set; }

    /// <summary>When the wait is over anyway, by <see cref="EnclaveClock"/>.</summary>
    public long Deadline { get; set; } = NoDeadline;
}
