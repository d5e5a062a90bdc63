using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>Memory between enclaves, as an eapp asks for it (docs/abi/edge-calls.md). The monitor decides; here it is mapped.</summary>
public sealed unsafe partial class EnclaveRuntime
{
    /// <summary>Where regions appear in the eapp, one behind the other: behind the rings.</summary>
    private const ulong SharedWindow = 0x38_0000_0000;

    private readonly List<ulong> _sharedRegions = [];

    private static bool IsSharing(ulong number) => number is >= RuntimeCall.SharedRegionCreate and <= RuntimeCall.SharedRegionMap;

    private void ServeSharing(Hart hart, ulong number, ulong* a) => Return(hart, number switch
    {
        RuntimeCall.SharedRegionCreate => ValueOf(_monitor.CreateSharedRegion(hart, a[0])),
        RuntimeCall.SharedRegionGrant => ValueOf(_monitor.GrantSharedRegion(hart, a[0], a[1], (Access)a[2])),
        RuntimeCall.SharedRegionTransfer => ValueOf(_monitor.TransferSharedRegion(hart, a[0], a[1])),
        RuntimeCall.SharedRegionLock => ValueOf(_monitor.LockSharedRegion(hart, a[0])),
        _ => MapShared(hart, a[0]),
    });

    private static ulong ValueOf(SbiReturn result) => result.Error == KeystoneError.Success ? result.Value : Failed;

    /// <summary>Readable and writable as far as the monitor grants it, now and later.</summary>
    private ulong MapShared(Hart hart, ulong id)
    {
        SbiReturn size = _monitor.SizeOfSharedRegion(hart, id);
        if (_store is not null || size.Error != KeystoneError.Success)
            return Failed; // swapped pages lie where regions would
        int place = _sharedRegions.IndexOf(id);
        if (place < 0)
        {
            place = _sharedRegions.Count;
            if (place == 2 * SecurityMonitor.MostSharedRegions)
                return Failed;
            _sharedRegions.Add(id);
        }

        ulong address = SharedWindow + ((ulong)place * SecurityMonitor.LargestSharedRegion);
        if (!World.TryMap(address, size.Value, id, Access.ReadWrite))
            return Failed;
        World.Share();
        return address;
    }
}
