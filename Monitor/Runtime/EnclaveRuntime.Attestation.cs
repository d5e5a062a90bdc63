using RvJit.Machine;
using RvJit.Monitor.Attestation;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// Reports and sealing keys for the eapp (Keystone runtime/call/syscall.c). Unlike upstream, what the eapp gives and
/// gets must be its own memory, and a data length that no report can hold is refused before it is copied.
/// </summary>
public sealed unsafe partial class EnclaveRuntime
{
    /// <summary>Upstream copies so much, whatever a report's size is; eapps have buffers for it.</summary>
    private const int ReportBufferSize = 2048;

    private ulong Attest(Hart hart, ulong report, ulong data, ulong length)
    {
        Span<byte> bytes = stackalloc byte[AttestationReport.DataCapacity];
        if (length > (ulong)bytes.Length)
            return (ulong)KeystoneError.IllegalArgument;
        bytes = bytes[..(int)length];
        if (!_space.TryRead(data, bytes))
            return (ulong)KeystoneError.NotAccessible;
        KeystoneError error = _monitor.Attest(hart, bytes, out AttestationReport? made);
        if (error != KeystoneError.Success)
            return (ulong)error;
        Span<byte> buffer = stackalloc byte[ReportBufferSize];
        buffer.Clear();
        made!.Bytes.CopyTo(buffer);
        return (ulong)(_space.TryWrite(report, buffer) ? KeystoneError.Success : KeystoneError.IllegalArgument);
    }

    /// <summary>As many bytes of key and signature as the eapp asks for; zeros behind them.</summary>
    private ulong Seal(Hart hart, ulong buffer, ulong bufferLength, ulong name, ulong nameLength)
    {
        if (bufferLength > KeystoneAbi.PageSize || nameLength > KeystoneAbi.PageSize)
            return Failed;
        byte[] nameBytes = new byte[nameLength];
        if (!_space.TryRead(name, nameBytes))
            return Failed;
        KeystoneError error = _monitor.GetSealingKey(hart, nameBytes, out byte[]? key);
        if (error != KeystoneError.Success)
            return (ulong)error;
        Array.Resize(ref key, (int)bufferLength);
        return _space.TryWrite(buffer, key) ? 0 : Failed;
    }
}
