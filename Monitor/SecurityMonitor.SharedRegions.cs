using RvJit.Machine;

namespace RvJit.Monitor;

/// <summary>
/// Memory between enclaves (docs/abi/edge-calls.md): made by one, granted to others by it alone, out of reach for hosts.
/// It is zero when it is made and before it goes back; it goes with its owner.
/// </summary>
public sealed partial class SecurityMonitor
{
    /// <summary>Regions that an enclave may own: each takes a PMP register of the machine.</summary>
    public const int MostSharedRegions = 4;

    /// <summary>Bytes of a region at most.</summary>
    public const ulong LargestSharedRegion = 16 << 20;

    private readonly List<SharedRegion> _shared = [];

    /// <summary>FID 3014: a new region of the enclave's; its number is its physical address.</summary>
    public SbiReturn CreateSharedRegion(Hart hart, ulong size)
    {
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)KeystoneFunction.SharedRegionCreate);
            ulong id = 0;
            if (error == KeystoneError.Success)
                error = CreateSharedRegion(record.Inside!, size, out id);
            Return(hart, record);
            return new SbiReturn(error, id);
        }
    }

    /// <summary>FID 3015: what another enclave may do with a region from now on; <see cref="Access.None"/> takes it back.</summary>
    public SbiReturn GrantSharedRegion(Hart hart, ulong id, ulong enclaveId, Access access) =>
        ChangeSharedRegion(hart, KeystoneFunction.SharedRegionGrant, id, (region, owner) =>
        {
            if (Find(enclaveId) is not { } other || other == owner || access is not (Access.None or Access.Read or Access.ReadWrite))
                return KeystoneError.IllegalArgument;
            region.Grant(other, access);
            return KeystoneError.Success;
        });

    /// <summary>FID 3016: gives a region away. No byte moves.</summary>
    public SbiReturn TransferSharedRegion(Hart hart, ulong id, ulong enclaveId) =>
        ChangeSharedRegion(hart, KeystoneFunction.SharedRegionTransfer, id, (region, owner) =>
        {
            if (Find(enclaveId) is not { } other || other == owner || _shared.Count(r => r.Owner == other) >= MostSharedRegions)
                return KeystoneError.IllegalArgument;
            region.Transfer(other);
            return KeystoneError.Success;
        });

    /// <summary>FID 3017: who may do what with a region never changes again.</summary>
    public SbiReturn LockSharedRegion(Hart hart, ulong id) =>
        ChangeSharedRegion(hart, KeystoneFunction.SharedRegionLock, id, static (region, _) =>
        {
            region.Locked = true;
            return KeystoneError.Success;
        });

    /// <summary>FID 3018: bytes of a region that the enclave has a right to.</summary>
    public SbiReturn SizeOfSharedRegion(Hart hart, ulong id)
    {
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)KeystoneFunction.SharedRegionSize);
            ulong size = 0;
            if (error == KeystoneError.Success)
            {
                SharedRegion? region = _shared.Find(r => r.Address == id && r.AccessOf(record.Inside) != Access.None);
                size = region?.Size ?? 0;
                error = region is null ? KeystoneError.InvalidId : KeystoneError.Success;
            }

            Return(hart, record);
            return new SbiReturn(error, size);
        }
    }

    private KeystoneError CreateSharedRegion(Enclave owner, ulong size, out ulong id)
    {
        id = 0;
        if (size is < KeystoneAbi.PageSize or > LargestSharedRegion || !ulong.IsPow2(size))
            return KeystoneError.IllegalArgument;
        if (_shared.Count(r => r.Owner == owner) >= MostSharedRegions || !Memory.TryAllocate(size, size, out id))
            return KeystoneError.NoFreeResource;
        if (_regions.Add(id, size, PmpPriority.Any, mayOverlap: false, out int pmp) != KeystoneError.Success)
        {
            Memory.Free(id, size);
            return KeystoneError.PmpFailure;
        }

        Memory.Zero(id, size);
        var region = new SharedRegion(id, size, pmp, owner);
        _shared.Add(region);
        Enforce(region);
        return KeystoneError.Success;
    }

    /// <summary>A change that only the owner may make, and only before the region is locked.</summary>
    private SbiReturn ChangeSharedRegion(Hart hart, KeystoneFunction function, ulong id, Func<SharedRegion, Enclave, KeystoneError> change)
    {
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)function);
            if (error == KeystoneError.Success)
            {
                SharedRegion? region = _shared.Find(r => r.Address == id && r.Owner == record.Inside);
                error = region is null ? KeystoneError.InvalidId
                    : region.Locked ? KeystoneError.NotAccessible
                    : change(region, record.Inside!);
                if (error == KeystoneError.Success)
                    Enforce(region!);
            }

            Return(hart, record);
            return new SbiReturn(error);
        }
    }

    /// <summary>Every hart's register, by the enclave that it is in, and every world's view.</summary>
    private void Enforce(SharedRegion region)
    {
        PmpRegion pmp = _regions[region.Pmp];
        OnEveryHart(registers => pmp.Set(registers, Access.None));
        foreach (KeyValuePair<Hart, HartRecord> hart in _harts)
        {
            if (hart.Value.Inside is not { } inside)
                continue;
            pmp.Set(hart.Key.Pmp, AccessOf(region, inside));
            inside.Supervisor?.World?.ApplyPmp(hart.Key.Pmp);
        }
    }

    /// <summary>All regions, on a hart that starts or changes its world.</summary>
    private void GrantShared(PmpRegisters registers, Enclave? inside)
    {
        foreach (SharedRegion region in _shared)
            _regions[region.Pmp].Set(registers, AccessOf(region, inside));
    }

    /// <summary>Only a native supervisor has a view that can be taken back while it runs.</summary>
    private static Access AccessOf(SharedRegion region, Enclave? inside) =>
        inside?.Supervisor?.World is null ? Access.None : region.AccessOf(inside);

    /// <summary>The enclave goes: its regions with it, and its rights to others'.</summary>
    private void EndSharedRegions(Enclave enclave)
    {
        foreach (SharedRegion region in _shared)
            region.Forget(enclave);
        foreach (SharedRegion region in _shared.FindAll(r => r.Owner == enclave))
        {
            _shared.Remove(region);
            PmpRegion pmp = _regions[region.Pmp];
            foreach (KeyValuePair<Hart, HartRecord> hart in _harts)
            {
                pmp.Set(hart.Key.Pmp, Access.None);
                hart.Value.Inside?.Supervisor?.World?.ApplyPmp(hart.Key.Pmp);
            }

            Memory.Zero(region.Address, region.Size);
            OnEveryHart(pmp.Unset);
            _regions.Remove(region.Pmp);
            Memory.Free(region.Address, region.Size);
        }
    }
}
