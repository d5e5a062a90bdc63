using RvJit.Machine;
using RvJit.Monitor.Attestation;

namespace RvJit.Monitor.Supervisor;

/// <summary>Reports, sealing keys and sealed tables for a runtime in guest code: its addresses, seen as its own instructions would see them.</summary>
public sealed unsafe partial class GuestSupervisor
{
    /// <summary>FID 3002: virtual addresses, under the caller's satp (Keystone sm/src/enclave.c, attest_enclave).</summary>
    private KeystoneError Attest(Hart hart, ulong report, ulong data, ulong length)
    {
        // One byte more than a report holds is enough to be refused.
        Span<byte> bytes = stackalloc byte[(int)Math.Min(length, AttestationReport.DataCapacity + 1)];
        if (length <= AttestationReport.DataCapacity && !TryRead(data, bytes))
            return KeystoneError.NotAccessible;
        KeystoneError error = _monitor.Attest(hart, bytes, out AttestationReport? made);
        if (error != KeystoneError.Success)
            return error;
        return TryWrite(report, made!.Bytes) ? KeystoneError.Success : KeystoneError.IllegalArgument;
    }

    /// <summary>FID 3012: the hash lies at a virtual address.</summary>
    private KeystoneError SealTable(Hart hart, ulong hash, ulong functions)
    {
        byte[] bytes = new byte[Sha3.HashSize];
        if (!TryRead(hash, bytes))
            return KeystoneError.NotAccessible;
        return functions <= uint.MaxValue
            ? _monitor.SealEdgeCallTable(hart, bytes, (uint)functions)
            : KeystoneError.IllegalArgument;
    }

    private bool TryRead(ulong address, Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (!_memory!.TryLoad(address + (ulong)i, 1, out ulong value, out _))
                return false;
            bytes[i] = (byte)value;
        }

        return true;
    }

    private bool TryWrite(ulong address, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (!_memory!.TryStore(address + (ulong)i, 1, bytes[i], out _))
                return false;
        }

        return true;
    }
}
