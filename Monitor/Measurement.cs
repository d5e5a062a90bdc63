using System.Buffers.Binary;
using Org.BouncyCastle.Crypto.Digests;
using RvJit.Machine;
using RvJit.Monitor.Attestation;

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
        Sha3Digest digest = Sha3.Digest();
        byte[] chunk = new byte[ChunkSize];
        AddSize(digest, layout.RuntimeAddress - layout.EpmAddress);
        AddSize(digest, layout.UserAddress - layout.RuntimeAddress);
        AddSize(digest, layout.FreeAddress - layout.UserAddress);

        ulong epmEnd = layout.EpmAddress + layout.EpmSize;
        AddPages(digest, memory, chunk, layout.EpmAddress, layout.RuntimeAddress, epmEnd);
        AddPages(digest, memory, chunk, layout.RuntimeAddress, layout.UserAddress, epmEnd);
        AddPages(digest, memory, chunk, layout.UserAddress, layout.FreeAddress, epmEnd);
        return Sha3.Finish(digest);
    }

    /// <summary>The measurement that an enclave of these files will have.</summary>
    public static byte[] Of(ReadOnlySpan<byte> loader, ReadOnlySpan<byte> runtime, ReadOnlySpan<byte> eapp)
    {
        Sha3Digest digest = Sha3.Digest();
        byte[][] files = [Pages(loader), Pages(runtime), Pages(eapp)];
        foreach (byte[] file in files)
            AddSize(digest, (ulong)file.Length);
        foreach (byte[] file in files)
            digest.BlockUpdate(file, 0, file.Length);
        return Sha3.Finish(digest);
    }

    private static byte[] Pages(ReadOnlySpan<byte> file)
    {
        byte[] pages = new byte[(file.Length + KeystoneAbi.PageSize - 1) / KeystoneAbi.PageSize * KeystoneAbi.PageSize];
        file.CopyTo(pages);
        return pages;
    }

    private static void AddSize(Sha3Digest digest, ulong size)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, size);
        digest.BlockUpdate(bytes, 0, bytes.Length);
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
