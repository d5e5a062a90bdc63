using System.Buffers.Binary;
using Org.BouncyCastle.Crypto.Digests;
using RvJit.Machine;

namespace RvJit.Monitor;

/// <summary>
/// The measurement of an enclave: SHA3-512 over the byte sizes of loader, runtime and eapp, then the pages of each as
/// they lie in the EPM (Keystone sm/src/attest.c; the SDK computes the same in sdk/src/host/Enclave.cpp). Page tables,
/// free memory and the UTM are not measured.
/// </summary>
public static class Measurement
{
    private const int ChunkSize = 64 * 1024;

    public static byte[] Of(PhysicalMemory memory, in EnclaveCreateArguments layout)
    {
        var digest = new Sha3Digest(KeystoneAbi.MeasurementSize * 8);
        byte[] chunk = new byte[ChunkSize];
        BinaryPrimitives.WriteUInt64LittleEndian(chunk, layout.RuntimeAddress - layout.EpmAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(chunk.AsSpan(8), layout.UserAddress - layout.RuntimeAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(chunk.AsSpan(16), layout.FreeAddress - layout.UserAddress);
        digest.BlockUpdate(chunk, 0, 24);

        ulong epmEnd = layout.EpmAddress + layout.EpmSize;
        AddPages(digest, memory, chunk, layout.EpmAddress, layout.RuntimeAddress, epmEnd);
        AddPages(digest, memory, chunk, layout.RuntimeAddress, layout.UserAddress, epmEnd);
        AddPages(digest, memory, chunk, layout.UserAddress, layout.FreeAddress, epmEnd);

        byte[] hash = new byte[KeystoneAbi.MeasurementSize];
        digest.DoFinal(hash, 0);
        return hash;
    }

    /// <summary>Whole pages from start until one reaches end; a misaligned end takes its page in, but never past the EPM.</summary>
    private static void AddPages(Sha3Digest digest, PhysicalMemory memory, byte[] chunk, ulong start, ulong end, ulong limit)
    {
        ulong length = (end - start + KeystoneAbi.PageSize - 1) & ~(ulong)(KeystoneAbi.PageSize - 1);
        ulong left = Math.Min(length, limit - start);
        for (ulong at = start; left != 0;)
        {
            int n = (int)Math.Min(left, ChunkSize);
            memory.Span(at, n).CopyTo(chunk);
            digest.BlockUpdate(chunk, 0, n);
            at += (ulong)n;
            left -= (ulong)n;
        }
    }
}
