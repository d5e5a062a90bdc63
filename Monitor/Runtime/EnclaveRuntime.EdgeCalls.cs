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
    private Transfer? _transfer;

    private enum Pending
    {
        None,
        Ocall,
        Forwarded,
        Transfer,
        Idle,
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
            case Pending.Transfer:
                ContinueTransfer(hart, CompleteForward(hart));
                break;
            case Pending.Idle:
                RunAnother(hart);
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
            || !_space.TryRead(data, utm.Bytes.Slice(EdgeCallAbi.DataOffset, (int)length)))
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
        return _space.TryWrite(_resultAddress, utm.Bytes.Slice((int)answer.Offset, bytes)) ? OcallOk : OcallFailed;
    }

    private ulong SharedCopy(Hart hart, ulong destination, ulong offset, ulong length) =>
        TryOpenUtm(hart, out EdgeBuffer utm)
        && utm.Holds(offset, length)
        && _space.TryWrite(destination, utm.Bytes.Slice((int)offset, (int)length)) ? OcallOk : OcallFailed;

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
            ? ForwardedFileCalls.Marshal(_space, utm.Bytes, ref call)
            : ForwardedNetworkCalls.Marshal(_space, utm.Bytes, ref call);
        if (payload < 0)
            return false;
        BinaryPrimitives.WriteUInt64LittleEndian(utm.Bytes[EdgeCallAbi.DataOffset..], call.Number);
        utm.Post(EdgeCallAbi.SyscallCallId, (ulong)(EdgeCallAbi.SyscallNumberSize + payload));
        call.TrustsHostLengths = _monitor.Model.Has(Weakness.TrustedHostLengths);
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
        long result = (long)utm.Read((int)answer.Offset);
        if (_monitor.Model.Has(Weakness.TrustedHostResults))
        {
            result = Math.Max(result, RuntimeError.NotPermitted); // upstream's hosts have no errno to give
        }
        else if (!_forwarded.Admits(result) || !_descriptors.Admits(_forwarded, result))
        {
            Print($"[runtime] the host answered system call {_forwarded.Number} with {result}, which cannot be: the call fails");
            return RuntimeError.NotPermitted;
        }

        if (_forwarded.Number == LinuxCall.Pipe2 && result == 0)
            return CompletePipe(utm);
        _descriptors.Note(_forwarded, result);
        return ForwardedFileCalls.Handles(_forwarded.Number)
            ? ForwardedFileCalls.Complete(_space, utm.Bytes, _forwarded, result)
            : ForwardedNetworkCalls.Complete(_space, utm.Bytes, _forwarded, result);
    }

    /// <summary>Both descriptors of a pipe, read once.</summary>
    private long CompletePipe(in EdgeBuffer utm)
    {
        ulong ends = utm.Read(EdgeCallAbi.PayloadOffset + EdgeSyscallLayout.PipeFds);
        return _descriptors.TryAddPipe((int)ends, (int)(ends >> 32)) && _space.TryWrite(_forwarded.A0, ends) ? 0 : RuntimeError.NotPermitted;
    }

    /// <summary>read and write, and readv and writev as that many of them (Keystone runtime/call/io_wrap.c).</summary>
    private void BeginTransfer(Hart hart, EdgeCallMark mark, ulong number, ulong fd, ulong address, ulong count)
    {
        bool isRead = number is LinuxCall.Read or LinuxCall.Readv;
        bool isVector = number is LinuxCall.Readv or LinuxCall.Writev;
        (ulong, ulong)[]? pieces = isVector ? ReadVector(address, count) : [(address, count)];
        if (pieces is null or [])
        {
            Return(hart, pieces is null ? Failed : 0);
            return;
        }

        _transfer = new Transfer(isRead ? LinuxCall.Read : LinuxCall.Write, fd, pieces);
        if (!TryPostNext(hart))
        {
            Return(hart, Failed);
            return;
        }

        StopFor(hart, Pending.Transfer, EdgeCallAbi.SyscallCallId, mark);
    }

    private void ContinueTransfer(Hart hart, long result)
    {
        if (result >= 0 && _transfer!.Advance(result, _forwarded.MaximumResult))
        {
            MeasureEdgeCall(hart);
            var mark = new EdgeCallMark(hart);
            if (TryPostNext(hart))
            {
                StopFor(hart, Pending.Transfer, EdgeCallAbi.SyscallCallId, mark);
                return;
            }

            Return(hart, _transfer.Total > 0 ? (ulong)_transfer.Total : Failed);
            return;
        }

        FinishEdgeCall(hart, (ulong)(_transfer!.Total > 0 || result >= 0 ? _transfer.Total : result));
    }

    /// <summary>The vector, read once; null when it is unreadable or too long.</summary>
    private (ulong Address, ulong Length)[]? ReadVector(ulong entries, ulong count)
    {
        const int EntrySize = 16;
        if (count > MaximumVector)
            return null;
        var pieces = new (ulong, ulong)[count];
        for (ulong i = 0; i < count; i++)
        {
            if (!_space.TryRead(entries + (i * EntrySize), out ulong address) || !_space.TryRead(entries + (i * EntrySize) + 8, out ulong length))
                return null;
            pieces[i] = (address, length);
        }

        return pieces;
    }

    private bool TryPostNext(Hart hart) =>
        TryPost(hart, _transfer!.Next((int)_edgeSize - EdgeCallAbi.PayloadOffset - EdgeSyscallLayout.TransferData));

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
        EdgeBuffer.TryOpen(hart, _monitor.Memory, _layout.UtmAddress, _edgeSize, out utm)
        && utm.Bytes.Length > EdgeCallAbi.PayloadOffset + EdgeSyscallLayout.TransferData;
}
