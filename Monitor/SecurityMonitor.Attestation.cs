using RvJit.Machine;
using RvJit.Monitor.Attestation;

namespace RvJit.Monitor;

/// <summary>Reports and sealing keys (Keystone sm/src/enclave.c, attest_enclave, get_sealing_key).</summary>
public sealed partial class SecurityMonitor
{
    private readonly Lazy<MonitorIdentity> _identity;

    /// <summary>
    /// What the last report's data left on upstream's stack, for <see cref="Weakness.StaleReport"/>; null in a monitor
    /// without it.
    /// </summary>
    private readonly byte[]? _stack;

    /// <summary>Keys and certificate; made at the first use.</summary>
    public MonitorIdentity Identity => _identity.Value;

    /// <summary>FID 3002. The data is a copy that the enclave can no longer change; the report is null on an error.</summary>
    public KeystoneError Attest(Hart hart, ReadOnlySpan<byte> data, out AttestationReport? report)
    {
        report = null;
        KeystoneError error = Answer(hart, KeystoneFunction.Attest, out Enclave? enclave);
        if (error != KeystoneError.Success)
            return error;
        if (data.Length > AttestationReport.DataCapacity)
            return KeystoneError.IllegalArgument;
        if (_stack is null)
        {
            report = AttestationReport.Create(Identity, enclave!.Measurement, data);
            return KeystoneError.Success;
        }

        lock (_stack)
        {
            data.CopyTo(_stack);
            report = AttestationReport.Create(Identity, enclave!.Measurement, data, _stack);
        }

        return KeystoneError.Success;
    }

    /// <summary>FID 3003 for a caller whose memory is not at issue: the key of the enclave the hart is in, or null.</summary>
    public KeystoneError GetSealingKey(Hart hart, ReadOnlySpan<byte> name, out byte[]? key)
    {
        KeystoneError error = Answer(hart, KeystoneFunction.GetSealingKey, out Enclave? enclave);
        key = error == KeystoneError.Success ? SealingKey.Derive(Identity.Key, enclave!.Measurement, name) : null;
        return error;
    }

    /// <summary>
    /// FID 3003 as the ABI has it: physical addresses. They must lie in the enclave's EPM; upstream uses any, which lets
    /// an enclave overwrite everybody's memory.
    /// </summary>
    public KeystoneError GetSealingKey(Hart hart, ulong keyAddress, ulong nameAddress, ulong nameLength)
    {
        KeystoneError error = Answer(hart, KeystoneFunction.GetSealingKey, out Enclave? enclave);
        if (error != KeystoneError.Success)
            return error;
        if (nameLength > KeystoneAbi.PageSize
            || !MaySeal(enclave!, keyAddress, SealingKey.Size)
            || !MaySeal(enclave!, nameAddress, nameLength))
        {
            return KeystoneError.IllegalArgument;
        }

        ReadOnlySpan<byte> name = nameLength == 0 ? default : Memory.Span(nameAddress, (int)nameLength);
        SealingKey.Derive(Identity.Key, enclave!.Measurement, name).CopyTo(Memory.Span(keyAddress, SealingKey.Size));
        return KeystoneError.Success;
    }

    private bool MaySeal(Enclave enclave, ulong address, ulong bytes)
    {
        if (bytes == 0)
            return true;
        if (_options.Model.Has(Weakness.UncheckedSealingAddress))
            return Memory.Contains(address, bytes);
        ulong offset = address - enclave.Layout.EpmAddress;
        return offset < enclave.Layout.EpmSize && bytes <= enclave.Layout.EpmSize - offset;
    }

    private KeystoneError Answer(Hart hart, KeystoneFunction function, out Enclave? inside)
    {
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)function);
            inside = record.Inside;
            Return(hart, record);
            return error;
        }
    }
}
