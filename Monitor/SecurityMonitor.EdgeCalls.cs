using RvJit.Machine;
using RvJit.Monitor.EdgeCalls;

namespace RvJit.Monitor;

/// <summary>
/// Asynchronous edge calls (docs/abi/edge-calls.md): the monitor lays out the region, grants each hart the direction of the
/// world it is in, and carries what rings cannot: attaching, the doorbell of last resort, the end.
/// <para>
/// One PMP register an enclave, in front of the one that grants the UTM: on a hart of the host it makes the upper half
/// read-only, on the enclave's own hart the lower half, and on the hart of another enclave it grants nothing.
/// </para>
/// </summary>
public sealed partial class SecurityMonitor
{
    private uint _edgeCallGeneration;

    /// <summary>The region of an enclave; null when it has none.</summary>
    public EdgeCallRegion? EdgeCallRegionOf(ulong enclaveId)
    {
        lock (_lock)
            return Find(enclaveId)?.EdgeCalls;
    }

    /// <summary>Bytes of the UTM that are the buffer of synchronous calls: all, or the half that is no region.</summary>
    public ulong SharedBufferSize(in EnclaveCreateArguments layout)
    {
        lock (_lock)
        {
            ulong utm = layout.UtmAddress;
            return _enclaves.Any(e => e is { EdgeCalls: not null } && e.Layout.UtmAddress == utm) ? layout.UtmSize / 2 : layout.UtmSize;
        }
    }

    /// <summary>FID 2010: makes the upper half of the UTM a region. The enclave has not run.</summary>
    public SbiReturn SetUpEdgeCalls(Hart hart, ulong enclaveId, in EdgeCallShape shape)
    {
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)KeystoneFunction.EdgeCallSetup);
            if (error == KeystoneError.Success)
                error = SetUpEdgeCalls(Find(enclaveId), shape);
            Return(hart, record);
            return new SbiReturn(error);
        }
    }

    /// <summary>
    /// FID 2012: the end of a region. Whoever waits finds out; the enclave's hart comes back to the host as if interrupted,
    /// so that the enclave can be destroyed whatever it does.
    /// </summary>
    public SbiReturn TearDownEdgeCalls(Hart hart, ulong enclaveId)
    {
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)KeystoneFunction.EdgeCallTearDown);
            if (error == KeystoneError.Success)
                error = Find(enclaveId) is { EdgeCalls: not null } enclave ? Drain(enclave) : KeystoneError.InvalidId;
            Return(hart, record);
            return new SbiReturn(error);
        }
    }

    /// <summary>FID 2013: the host rings the enclave's door.</summary>
    public SbiReturn RingEnclave(Hart hart, ulong enclaveId)
    {
        EdgeCallRegion? region = null;
        KeystoneError error;
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            error = Gate(record, (ulong)KeystoneFunction.EdgeCallWake);
            if (error == KeystoneError.Success && (region = Find(enclaveId)?.EdgeCalls) is null)
                error = KeystoneError.InvalidId;
            Return(hart, record);
        }

        region?.EnclaveDoor.Ring();
        return new SbiReturn(error, (ulong)(region?.State ?? AecState.Dead));
    }

    /// <summary>FID 3010: the enclave's supervisor asks for its region, once.</summary>
    public KeystoneError AttachEdgeCalls(Hart hart, out EdgeCallRegion? region)
    {
        lock (_lock)
        {
            region = null;
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)KeystoneFunction.EdgeCallAttach);
            if (error == KeystoneError.Success && record.Inside!.EdgeCalls is not { State: AecState.Initial })
                error = KeystoneError.NotInitialized;
            if (error == KeystoneError.Success)
            {
                region = record.Inside!.EdgeCalls!;
                region.Move(AecState.Live);
                region.HostDoor.Ring();
            }

            Return(hart, record);
            return error;
        }
    }

    /// <summary>FID 3012: the hash of the handler table, once; it can no longer change.</summary>
    public KeystoneError SealEdgeCallTable(Hart hart, byte[] hash, uint functions)
    {
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)KeystoneFunction.EdgeCallSealTable);
            if (error == KeystoneError.Success)
            {
                if (record.Inside!.EdgeCalls is { State: AecState.Live, TableHash.IsEmpty: true } region)
                    region.Seal(hash, functions);
                else
                    error = KeystoneError.NotFresh;
            }

            Return(hart, record);
            return error;
        }
    }

    /// <summary>FID 3013: rings the host's door, sleeps at the enclave's, or both. Sleeping ends early when the hart is wanted.</summary>
    public AecState VisitDoor(Hart hart, AecDoorAction what, ulong deadline)
    {
        EdgeCallRegion? region;
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            region = Gate(record, (ulong)KeystoneFunction.EdgeCallWait) == KeystoneError.Success ? record.Inside!.EdgeCalls : null;
        }

        if (region is not null && what.HasFlag(AecDoorAction.Ring))
            region.HostDoor.Ring();
        if (region is not null && what.HasFlag(AecDoorAction.Sleep))
        {
            Action wake = hart.Nudge;
            region.EnclaveDoor.Rung += wake;
            hart.AwaitRequest(() => region.EnclaveDoor.Hear(hart) || region.State != AecState.Live, deadline);
            region.EnclaveDoor.Rung -= wake;
        }

        hart.Transitions.Count(TransitionKind.MachineToEnclaveSupervisor);
        return region?.State ?? AecState.Dead;
    }

    /// <summary>Transitions of every hart that there was, by kind.</summary>
    public void ReadTransitions(Span<ulong> kinds)
    {
        kinds.Clear();
        lock (_lock)
        {
            foreach (KeyValuePair<Hart, HartRecord> hart in _harts)
            {
                for (int i = 0; i < TransitionCounters.Kinds; i++)
                    kinds[i] += (ulong)hart.Key.Transitions[(TransitionKind)i];
            }
        }
    }

    /// <summary>PMP registers written on every hart that there was.</summary>
    public long CountPmpWrites()
    {
        lock (_lock)
            return _harts.Sum(hart => hart.Key.Pmp.Writes);
    }

    private KeystoneError SetUpEdgeCalls(Enclave? enclave, in EdgeCallShape shape)
    {
        if (enclave is null)
            return KeystoneError.InvalidId;
        if (enclave.State != EnclaveState.Fresh || enclave.EdgeCalls is not null)
            return KeystoneError.NotFresh;
        EnclaveCreateArguments layout = enclave.Layout;
        if (!EdgeCallRegion.Fits(layout.UtmAddress, layout.UtmSize, shape))
            return KeystoneError.IllegalArgument;
        ulong length = layout.UtmSize / 2;
        ulong address = layout.UtmAddress + length;
        if (_regions.Add(address + (length / 2), length / 2, PmpPriority.Any, mayOverlap: true, out int id) != KeystoneError.Success)
            return KeystoneError.PmpFailure;
        enclave.EdgeCallPmp = id;
        enclave.EdgeCalls = new EdgeCallRegion(Memory, (uint)enclave.Id, address, length, shape, ++_edgeCallGeneration);
        foreach (KeyValuePair<Hart, HartRecord> hart in _harts)
            DirectEdgeCalls(hart.Key.Pmp, enclave, hart.Value.Inside);
        DirectEdgeCalls(_hostView, enclave, null);
        foreach (World world in _hostWorlds)
            world.ApplyPmp(_hostView);
        return KeystoneError.Success;
    }

    /// <summary>What a hart may do with an enclave's region, by the enclave that the hart is in.</summary>
    private void DirectEdgeCalls(PmpRegisters registers, Enclave enclave, Enclave? inside)
    {
        if (enclave.EdgeCalls is not { } region)
            return;
        PmpRegion upper = _regions[enclave.EdgeCallPmp];
        if (Model.Has(Weakness.UndirectedRings) && (inside is null || inside == enclave))
            upper.Unset(registers);
        else if (inside == enclave)
            (upper with { Start = region.Address }).Set(registers, Access.Read);
        else
            upper.Set(registers, inside is null ? Access.Read : Access.None);
    }

    /// <summary>The same for all regions: a hart changes its world, or starts.</summary>
    private void DirectEdgeCalls(PmpRegisters registers, Enclave? inside)
    {
        foreach (Enclave? enclave in _enclaves)
        {
            if (enclave is not null)
                DirectEdgeCalls(registers, enclave, inside);
        }
    }

    private KeystoneError Drain(Enclave enclave)
    {
        EdgeCallRegion region = enclave.EdgeCalls!;
        if (region.State is AecState.Draining or AecState.Dead)
            return KeystoneError.Success;
        region.Move(AecState.Draining);
        foreach (KeyValuePair<Hart, HartRecord> hart in _harts)
        {
            if (hart.Value.Inside == enclave)
                hart.Key.Request(HartRequests.Interrupt);
        }

        region.HostDoor.Ring();
        region.EnclaveDoor.Ring();
        return KeystoneError.Success;
    }

    /// <summary>The enclave goes: callers that still wait are told, the PMP register is free. Its memory is cleared afterwards.</summary>
    private void EndEdgeCalls(Enclave enclave)
    {
        if (enclave.EdgeCalls is not { } region)
            return;
        Drain(enclave);
        region.Move(AecState.Dead);
        region.AwaitUsers();
        OnEveryHart(_regions[enclave.EdgeCallPmp].Unset);
        _regions.Remove(enclave.EdgeCallPmp);
        enclave.EdgeCalls = null;
    }
}
