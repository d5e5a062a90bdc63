using RvJit.Guest.Linux;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.EdgeCalls;

namespace RvJit.Guest.Keystone;

/// <summary>
/// ioctls beside upstream's, for asynchronous edge calls (docs/abi/edge-calls.md). A system call is made to set up, to
/// sleep, to wake a sleeper and to end; never for a call whose other side is awake.
/// </summary>
public sealed partial class KeystoneDriver
{
    /// <summary>A host program reads the counters: the edges of what it measures. Raised on its thread.</summary>
    public event Action? CountersRead;

    internal long SetUpEdgeCalls(KeystoneFile file, LinuxThread thread, ref AecSetup setup)
    {
        lock (_lock)
        {
            if (Find(file, setup.Eid) is not { MonitorId: not DriverEnclave.NotCreated } enclave)
                return -Errno.EINVAL;
            var shape = new EdgeCallShape(setup.NOsq, setup.NEsq, setup.Log2Entries, setup.Features);
            switch (Monitor.SetUpEdgeCalls(thread.Hart, enclave.MonitorId, shape).Error)
            {
                case KeystoneError.Success:
                    setup.RegionLen = enclave.UtmSize / 2;
                    setup.RegionOffset = enclave.UtmSize / 2;
                    return 0;
                case KeystoneError.PmpFailure:
                    return -Errno.ENOMEM;
                case KeystoneError.NotFresh:
                    return -Errno.EBUSY;
                default:
                    return -Errno.EINVAL;
            }
        }
    }

    internal long TearDownEdgeCalls(KeystoneFile file, LinuxThread thread, ref AecDoor door)
    {
        door.State = AecState.Dead;
        if (RegionOf(file, door.Eid, out ulong monitorId) is null)
            return -Errno.EINVAL;
        door.State = AecState.Draining;
        return Monitor.TearDownEdgeCalls(thread.Hart, monitorId).Error == KeystoneError.Success ? 0 : -Errno.EINVAL;
    }

    /// <summary>Wakes the enclave's sleepers, sleeps until the enclave rings, or both. EINTR when a signal came first.</summary>
    internal long VisitDoor(KeystoneFile file, LinuxThread thread, ref AecDoor door)
    {
        door.State = AecState.Dead;
        if (RegionOf(file, door.Eid, out ulong monitorId) is not { } region)
            return 0; // gone is what its callers have to learn
        if (door.What.HasFlag(AecDoorAction.Ring))
            Monitor.RingEnclave(thread.Hart, monitorId);
        bool interrupted = false;
        if (door.What.HasFlag(AecDoorAction.Sleep))
        {
            using LinuxThread.InterruptScope scope = thread.OnInterrupt(region.HostDoor.Nudge);
            TimeSpan limit = door.Limit == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMicroseconds(door.Limit);
            region.HostDoor.Sleep(thread, () => region.State != AecState.Live || thread.Interrupted, limit);
            interrupted = thread.Interrupted;
        }

        door.State = region.State;
        return interrupted ? -Errno.EINTR : 0;
    }

    internal unsafe long ReadCounters(KeystoneFile file, ref AecCounters counters)
    {
        CountersRead?.Invoke();
        Span<ulong> kinds = stackalloc ulong[TransitionCounters.Kinds];
        Monitor.ReadTransitions(kinds);
        for (int i = 0; i < AecCounters.Kinds; i++)
            counters.Transitions[i] = kinds[i];
        EdgeCallRegion? region = RegionOf(file, counters.Eid, out _);
        counters.Rings = region is null ? 0 : (ulong)(region.HostDoor.Rings + region.EnclaveDoor.Rings);
        return 0;
    }

    private EdgeCallRegion? RegionOf(KeystoneFile file, ulong id, out ulong monitorId)
    {
        lock (_lock)
        {
            monitorId = Find(file, id)?.MonitorId ?? DriverEnclave.NotCreated;
            return monitorId == DriverEnclave.NotCreated ? null : Monitor.EdgeCallRegionOf(monitorId);
        }
    }
}
