using RvJit.Machine;
using RvJit.Monitor.Attestation;
using RvJit.Monitor.EdgeCalls;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// What an eapp asks for to make and serve asynchronous edge calls (docs/abi/edge-calls.md). Calls themselves do not pass
/// here: the rings are mapped into the eapp, each page with the rights of its direction.
/// </summary>
public sealed unsafe partial class EnclaveRuntime
{
    /// <summary>Where the region appears in the eapp: behind anonymous memory, in front of nothing.</summary>
    private const ulong RegionWindow = 0x30_0000_0000;

    private const ulong LongestTable = 16 * KeystoneAbi.PageSize;
    private const ulong TableEntrySize = 64;

    private ulong _sealedStart;
    private ulong _sealedEnd;

    private static bool IsAsynchronous(ulong number) => number is >= AecAbi.RuntimeSetup and <= AecAbi.RuntimeFallback;

    private void ServeAsynchronous(Hart hart, EdgeCallMark mark, ulong number, ulong* a)
    {
        switch (number)
        {
            case AecAbi.RuntimeSetup:
                Return(hart, (ulong)AttachRegion(hart, a[0]));
                break;
            case AecAbi.RuntimeSetTable:
                Return(hart, (ulong)SealTable(hart, a[0], a[1]));
                break;
            case AecAbi.RuntimeWait:
                ulong ticks = a[1] * (UserCsrs.TimebaseHertz / 1_000_000);
                ulong deadline = a[1] is 0 or > uint.MaxValue ? ulong.MaxValue : HostClock.Ticks + ticks;
                Return(hart, (ulong)_monitor.VisitDoor(hart, (AecDoorAction)a[0], deadline));
                break;
            default:
                BeginOcall(hart, mark, a[0], a[1], a[2], a[3], a[4]);
                break;
        }
    }

    private AecStatus AttachRegion(Hart hart, ulong answer)
    {
        if (_store is not null)
            return AecStatus.NotPermitted; // swapped pages lie where the region would
        if (_monitor.AttachEdgeCalls(hart, out EdgeCallRegion? region) != KeystoneError.Success)
            return AecStatus.Gone;
        ulong half = region!.Length / 2;
        const ulong Page = KeystoneAbi.PageSize;
        bool mapped = World.TryMap(RegionWindow, half, region.Address, Access.Read)
            && World.TryMap(RegionWindow + half, Page, region.Upper, Access.Read)
            && World.TryMap(RegionWindow + half + Page, half - Page, region.Upper + Page, Access.ReadWrite);
        World.Share();
        return mapped && World.TryWrite(answer, new AecAttachment { Base = RegionWindow, Len = region.Length })
            ? AecStatus.Ok
            : AecStatus.Invalid;
    }

    /// <summary>The table's pages become read-only for good, and its hash is the monitor's.</summary>
    private AecStatus SealTable(Hart hart, ulong address, ulong bytes)
    {
        const ulong PageMask = KeystoneAbi.PageSize - 1;
        if (bytes is 0 or > LongestTable || ((address | bytes) & PageMask) != 0)
            return AecStatus.Invalid;
        byte[] table = new byte[bytes];
        if (!_space.TryProtect(address, bytes / KeystoneAbi.PageSize, Access.Read) || !World.TryRead(address, table))
            return AecStatus.Invalid;
        if (_monitor.SealEdgeCallTable(hart, Sha3.Hash(table), (uint)(bytes / TableEntrySize)) != KeystoneError.Success)
            return AecStatus.NotPermitted;
        (_sealedStart, _sealedEnd) = (address, address + bytes);
        return AecStatus.Ok;
    }

    /// <summary>mprotect and munmap do not reach sealed pages.</summary>
    private bool TouchesSealed(ulong number, ulong address, ulong bytes) =>
        number is LinuxCall.Mprotect or LinuxCall.Munmap
        && address < _sealedEnd
        && (bytes >= _sealedEnd || address + bytes > _sealedStart)
        && _sealedEnd != 0;
}
