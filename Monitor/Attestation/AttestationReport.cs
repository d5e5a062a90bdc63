using System.Buffers.Binary;

namespace RvJit.Monitor.Attestation;

/// <summary>
/// A report, 1352 bytes: what the monitor says about an enclave and signs, what the device says about the monitor and
/// signs, and the device's public key (Keystone sm/src/enclave.h, struct report).
/// </summary>
public sealed class AttestationReport
{
    public const int Size = DevicePublicKeyOffset + Ed25519Sha3.PublicKeySize;

    /// <summary>ATTEST_DATA_MAXLEN.</summary>
    public const int DataCapacity = 1024;

    private const int DataLengthOffset = Sha3.HashSize;
    private const int DataOffset = DataLengthOffset + sizeof(ulong);
    private const int EnclaveSignatureOffset = DataOffset + DataCapacity;
    private const int MonitorHashOffset = EnclaveSignatureOffset + Ed25519Sha3.SignatureSize;
    private const int MonitorPublicKeyOffset = MonitorHashOffset + Sha3.HashSize;
    private const int MonitorSignatureOffset = MonitorPublicKeyOffset + Ed25519Sha3.PublicKeySize;
    private const int DevicePublicKeyOffset = MonitorSignatureOffset + Ed25519Sha3.SignatureSize;

    private readonly byte[] _bytes;

    private AttestationReport(byte[] bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;

    public ReadOnlySpan<byte> EnclaveHash => Bytes[..Sha3.HashSize];

    public ulong DataLength => BinaryPrimitives.ReadUInt64LittleEndian(Bytes[DataLengthOffset..]);

    /// <summary>What the enclave wanted signed; <see cref="DataLength"/> must have been found to be possible.</summary>
    public ReadOnlySpan<byte> Data => Bytes.Slice(DataOffset, (int)DataLength);

    /// <summary>Behind the data: covered by no signature.</summary>
    public ReadOnlySpan<byte> Tail => Bytes[(DataOffset + (int)DataLength)..EnclaveSignatureOffset];

    public ReadOnlySpan<byte> EnclaveSignature => Bytes.Slice(EnclaveSignatureOffset, Ed25519Sha3.SignatureSize);

    public ReadOnlySpan<byte> MonitorHash => Bytes.Slice(MonitorHashOffset, Sha3.HashSize);

    public ReadOnlySpan<byte> MonitorPublicKey => Bytes.Slice(MonitorPublicKeyOffset, Ed25519Sha3.PublicKeySize);

    public ReadOnlySpan<byte> MonitorSignature => Bytes.Slice(MonitorSignatureOffset, Ed25519Sha3.SignatureSize);

    public ReadOnlySpan<byte> DevicePublicKey => Bytes[DevicePublicKeyOffset..];

    /// <summary>What <see cref="EnclaveSignature"/> signs.</summary>
    public ReadOnlySpan<byte> SignedByMonitor => Bytes[..(DataOffset + (int)DataLength)];

    /// <summary>What <see cref="MonitorSignature"/> signs.</summary>
    public ReadOnlySpan<byte> SignedByDevice => Bytes[MonitorHashOffset..MonitorSignatureOffset];

    /// <param name="monitor">Who signs.</param>
    /// <param name="measurement">The enclave's.</param>
    /// <param name="data">What the enclave wants signed, at most <see cref="DataCapacity"/> bytes.</param>
    /// <param name="tail">What stands in the data field beforehand; the data covers its beginning.</param>
    public static AttestationReport Create(
        MonitorIdentity monitor, ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> data, ReadOnlySpan<byte> tail = default)
    {
        byte[] bytes = new byte[Size];
        var report = new AttestationReport(bytes);
        measurement.CopyTo(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(DataLengthOffset), (ulong)data.Length);
        tail.CopyTo(bytes.AsSpan(DataOffset, DataCapacity));
        data.CopyTo(bytes.AsSpan(DataOffset));
        Ed25519Sha3.Sign(monitor.Key, report.SignedByMonitor).CopyTo(bytes, EnclaveSignatureOffset);
        monitor.Hash.Span.CopyTo(bytes.AsSpan(MonitorHashOffset));
        monitor.Key.Public.CopyTo(bytes.AsSpan(MonitorPublicKeyOffset));
        monitor.Certificate.Span.CopyTo(bytes.AsSpan(MonitorSignatureOffset));
        monitor.Device.Public.CopyTo(bytes.AsSpan(DevicePublicKeyOffset));
        return report;
    }

    /// <summary>A report as a file has it: eapps get it in a buffer of 2048 bytes, so more may follow.</summary>
    public static AttestationReport? Read(ReadOnlySpan<byte> bytes) => bytes.Length < Size ? null : new(bytes[..Size].ToArray());
}
