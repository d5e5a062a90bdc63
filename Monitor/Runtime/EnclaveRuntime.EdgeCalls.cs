using System.Buffers.Binary;
using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>Calls that leave the enclave through the UTM, and their answers (Keystone runtime/call/syscall.c).</summary>
public sealed unsafe partial class EnclaveRuntime
{
    private const ulong OcallOk = 0;
    private const ulong OcallFailed = 1;
    private const int MaximumVector = 1024;

    private Pending _pending;
    private EdgeCallMark _mark;
    private ulong _resultAddress;
    private ulong _resultLength;
    private ForwardedSyscall _forwarded;
    private VectorTransfer _vector;

    private enum Pending
    {
        None,
        Ocall,
        Forwarded,
        Vector,
    }

    public void StopReturned(Hart hart)
    {
        Pending pending = _pending;
        _pending = Pending.None;
        switch (pending)
        {
            case Pending.Ocall:
                FinishEdgeCall(hart, CompleteOcall(hart));
                break;
            case Pending.Forwarded:
                FinishEdgeCall(hart, (ulong)CompleteForward(hart));
                break;
            case Pending.Vector:
                ContinueVector(hart, CompleteForward(hart));
                break;
            default:
                Return(hart, OcallOk); // resumed behind an EXIT, which Weakness.ResumeAfterExit allows: upstream's exit call returns
                break;
        }
    }

    private void BeginOcall(Hart hart, EdgeCallMark mark, ulong callId, ulong data, ulong length, ulong result, ulong resultLength)
    {
        if (!TryOpenUtm(hart, out EdgeBuffer utm)
            || !utm.HasRoom(length)
            || !World.TryRead(data, utm.Bytes.Slice(EdgeCallAbi.DataOffset, (int)length)))
        {
            Return(hart, OcallFailed);
            return;
        }

        utm.Post(callId, length);
        _resultAddress = result;
        _resultLength = resultLength;
        StopFor(hart, Pending.Ocall, callId, mark);
    }

    private ulong CompleteOcall(Hart hart)
    {
        if (!TryOpenUtm(hart, out EdgeBuffer utm))
            return OcallFailed;
        EdgeResult answer = utm.ReadResult();
        if (answer.Status != EdgeCallAbi.StatusOk)
            return OcallFailed;
        if (_resultLength == 0)
            return OcallOk;
        if (!utm.Holds(answer.Offset, answer.Size))
            return OcallFailed;
        int bytes = (int)Math.Min(answer.Size, _resultLength);
        return World.TryWrite(_resultAddress, utm.Bytes.Slice((int)answer.Offset, bytes)) ? OcallOk : OcallFailed;
    }

    private ulong SharedCopy(Hart hart, ulong destination, ulong offset, ulong length) =>
        TryOpenUtm(hart, out EdgeBuffer utm)
        && utm.Holds(offset, length)
        && World.TryWrite(destination, utm.Bytes.Slice((int)offset, (int)length)) ? OcallOk : OcallFailed;

    private void BeginForward(Hart hart, EdgeCallMark mark, ForwardedSyscall call)
    {
        if (!TryPost(hart, call))
        {
            Return(hart, Failed);
            return;
        }

        StopFor(hart, Pending.Forwarded, EdgeCallAbi.SyscallCallId, mark);
    }

    private bool TryPost(Hart hart, ForwardedSyscall call)
    {
        if (!TryOpenUtm(hart, out EdgeBuffer utm))
            return false;
        int payload = ForwardedFileCalls.Handles(call.Number)
            ? ForwardedFileCalls.Marshal(World, utm.Bytes, ref call)
            : ForwardedNetworkCalls.Marshal(World, utm.Bytes, ref call);
        if (payload < 0)
            return false;
        BinaryPrimitives.WriteUInt64LittleEndian(utm.Bytes[EdgeCallAbi.DataOffset..], call.Number);
        utm.Post(EdgeCallAbi.SyscallCallId, (ulong)(EdgeCallAbi.SyscallNumberSize + payload));
        _forwarded = call;
        return true;
    }

    private long CompleteForward(Hart hart)
    {
        if (!TryOpenUtm(hart, out EdgeBuffer utm))
            return -1;
        EdgeResult answer = utm.ReadResult();
        if (answer.Status != EdgeCallAbi.StatusOk || answer.Size < sizeof(long) || !utm.Holds(answer.Offset, answer.Size))
            return -1;
        long result = _forwarded.Sanitise((long)utm.Read((int)answer.Offset));
        return ForwardedFileCalls.Handles(_forwarded.Number)
            ? ForwardedFileCalls.Complete(World, utm.Bytes, _forwarded, result)
            : ForwardedNetworkCalls.Complete(World, utm.Bytes, _forwarded, result);
    }

    /// <summary>readv and writev go through as that many reads or writes (Keystone runtime/call/io_wrap.c).</summary>
    private void BeginVector(Hart hart, EdgeCallMark mark, ulong number, ulong fd, ulong vector, ulong count)
    {
        ulong single = number == LinuxCall.Readv ? LinuxCall.Read : LinuxCall.Write;
        _vector = new VectorTransfer(single, fd, vector, (int)count is >= 0 and <= MaximumVector ? (int)count : 0);
        if (!TryPostNextOfVector(hart))
        {
            Return(hart, count == 0 ? 0 : Failed);
            return;
        }

        StopFor(hart, Pending.Vector, EdgeCallAbi.SyscallCallId, mark);
    }

    private void ContinueVector(Hart hart, long result)
    {
        if (result >= 0)
            _vector.Total += result;
        if (result >= 0 && result == _forwarded.MaximumResult && _vector.Index < _vector.Count)
        {
            MeasureEdgeCall(hart);
            var mark = new EdgeCallMark(hart);
            if (TryPostNextOfVector(hart))
            {
                StopFor(hart, Pending.Vector, EdgeCallAbi.SyscallCallId, mark);
                return;
            }

            result = -1;
            Return(hart, (ulong)(_vector.Total > 0 ? _vector.Total : result));
            return;
        }

        FinishEdgeCall(hart, (ulong)(_vector.Total > 0 || result >= 0 ? _vector.Total : result));
    }

    private bool TryPostNextOfVector(Hart hart)
    {
        const int EntrySize = 16;
        if (_vector.Index >= _vector.Count)
            return false;
        ulong entry = _vector.Entries + (ulong)(_vector.Index++ * EntrySize);
        return World.TryRead(entry, out ulong address)
            && World.TryRead(entry + 8, out ulong length)
            && TryPost(hart, new ForwardedSyscall(_vector.Number, _vector.Fd, address, length, 0, 0, 0));
    }

    private void StopFor(Hart hart, Pending pending, ulong callId, EdgeCallMark mark)
    {
        _pending = pending;
        _mark = mark;
        _monitor.EdgeCalls.Begin(callId);
        _monitor.Stop(hart, StopRequest.EdgeCallHost);
    }

    private void FinishEdgeCall(Hart hart, ulong result)
    {
        Return(hart, result);
        MeasureEdgeCall(hart);
    }

    private void MeasureEdgeCall(Hart hart)
    {
        if (_mark.TryMeasure(hart, out long transitions))
            _monitor.EdgeCalls.Complete(transitions);
    }

    private bool TryOpenUtm(Hart hart, out EdgeBuffer utm) =>
        EdgeBuffer.TryOpen(hart, _monitor.Memory, _layout.UtmAddress, _layout.UtmSize, out utm)
        && utm.Bytes.Length >= EdgeCallAbi.PayloadOffset;

    private struct VectorTransfer(ulong number, ulong fd, ulong entries, int count)
    {
        public int Index;
        public long Total;

        public readonly ulong Number => number;

        public readonly ulong Fd => fd;

        public readonly ulong Entries => entries;

        public readonly int Count => count;
    }
}
