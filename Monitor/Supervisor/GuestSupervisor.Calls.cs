using System.Buffers.Binary;
using RvJit.Machine;
using RvJit.Monitor.Attestation;
using RvJit.Monitor.EdgeCalls;
using RvJit.Monitor.Runtime;
using RvJit.Monitor.Sbi;

namespace RvJit.Monitor.Supervisor;

/// <summary>What the enclave's S-mode asks M-mode for (Keystone sm/src/sm-sbi-opensbi.c; SBI specification, legacy extensions).</summary>
public sealed unsafe partial class GuestSupervisor
{
    private const int A0 = 10;
    private const int A1 = 11;
    private const int A2 = 12;
    private const int A6 = 16;
    private const int A7 = 17;
    private const int EcallBytes = 4;

    /// <summary>
    /// The extension that Eyrie calls when it has met a trap it cannot handle (runtime/util/rt_util.c). Upstream's monitor
    /// knows no such call, and Eyrie then meets the same trap for ever.
    /// </summary>
    private const ulong EyrieFatal = 1111;

    /// <summary>The value of an enclave that could not go on.</summary>
    private const ulong Failed = ulong.MaxValue;

    private EdgeCallMark _mark;
    private bool _edgeCallIsOpen;

    /// <summary>Interruptions so far, and when the mark was set.</summary>
    private long _interruptions;
    private long _interruptionsBefore;

    private void Call(Hart hart)
    {
        HartState* s = hart.State;
        s->Pc += EcallBytes;
        ulong argument = s->X[A0];
        switch (s->X[A7])
        {
            case KeystoneAbi.SbiExtension:
                Serve(hart, (KeystoneFunction)s->X[A6], argument);
                return;
            case SbiExtension.LegacySetTimer:
                _factory.Clock.SetAlarm(this, argument);
                Answer(hart, 0);
                return;
            case SbiExtension.LegacyPutCharacter:
                _console.Write((byte)argument);
                Answer(hart, 0);
                return;
            case EyrieFatal when !_monitor.Model.Has(Weakness.SpinningRuntime):
                _monitor.Exit(hart, Failed);
                return;
            default:
                Answer(hart, unchecked((ulong)SbiError.NotSupported));
                return;
        }
    }

    private void Serve(Hart hart, KeystoneFunction function, ulong argument)
    {
        HartState* s = hart.State;
        switch (function)
        {
            case KeystoneFunction.Stop:
                var request = (StopRequest)argument;
                if (request == StopRequest.EdgeCallHost)
                    BeginEdgeCall();
                _monitor.Stop(hart, request);
                return;
            case KeystoneFunction.Exit:
                _console.Flush();
                _monitor.Exit(hart, argument);
                return;
            case KeystoneFunction.Random:
                Answer(s, _monitor.Random(hart));
                return;
            case KeystoneFunction.Attest:
                Answer(s, new SbiReturn(Attest(hart, argument, s->X[A1], s->X[A2])));
                return;
            case KeystoneFunction.GetSealingKey:
                Answer(s, new SbiReturn(_monitor.GetSealingKey(hart, argument, s->X[A1], s->X[A2])));
                _machine.NoteWritten(argument, SealingKey.Size); // perhaps: without a key, nothing is lost but time
                return;
            case KeystoneFunction.RegisterEnclaveReceiver:
                Answer(s, _monitor.RegisterEnclaveReceiver(hart, argument));
                return;
            case KeystoneFunction.EdgeCallAttach:
                KeystoneError error = _monitor.AttachEdgeCalls(hart, out EdgeCallRegion? region);
                Answer(s, new SbiReturn(error, region?.Address ?? 0));
                return;
            case KeystoneFunction.EdgeCallSealTable:
                Answer(s, new SbiReturn(SealTable(hart, argument, s->X[A1])));
                return;
            case KeystoneFunction.EdgeCallWait:
                Answer(s, new SbiReturn(KeystoneError.Success, (ulong)_monitor.VisitDoor(hart, (AecDoorAction)argument, s->X[A1])));
                return;
            default:
                Answer(s, _monitor.Refuse(hart, function));
                return;
        }
    }

    private static void Answer(HartState* s, in SbiReturn result)
    {
        s->X[A0] = (ulong)result.Error;
        s->X[A1] = result.Value;
    }

    /// <summary>The result of a call that is none of the monitor's own.</summary>
    private static void Answer(Hart hart, ulong result)
    {
        hart.Transitions.Count(TransitionKind.EnclaveSupervisorToMachine);
        hart.State->X[A0] = result;
        hart.Transitions.Count(TransitionKind.MachineToEnclaveSupervisor);
    }

    /// <summary>The runtime has posted a call in the UTM, whose header says which.</summary>
    private void BeginEdgeCall()
    {
        if (_layout.UtmSize < EdgeCallAbi.DataOffset)
            return;
        Span<byte> header = _monitor.Memory.Span(_layout.UtmAddress, EdgeCallAbi.DataOffset);
        _monitor.EdgeCalls.Begin(BinaryPrimitives.ReadUInt64LittleEndian(header[EdgeCallAbi.CallIdOffset..]));
        _edgeCallIsOpen = true;
    }

    /// <summary>The first trap after an edge call: it is over, and the eapp has run on since.</summary>
    private void EndEdgeCall(Hart hart)
    {
        if (!_edgeCallIsOpen)
            return;
        _edgeCallIsOpen = false;

        // An interruption is an exit, an entry and the host's ioctl, which the mark takes for a handler's system call.
        const int transitionsOfInterruption = 4;
        if (_mark.TryMeasure(hart, out long transitions))
            _monitor.EdgeCalls.Complete(transitions - (transitionsOfInterruption * (_interruptions - _interruptionsBefore)));
    }
}
