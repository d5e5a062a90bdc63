using Org.BouncyCastle.Crypto.Digests;

namespace RvJit.Monitor.Attestation;

/// <summary>SHA3-512 (FIPS 202), in managed code: .NET's own asks the host's OpenSSL, which may lack it.</summary>
public static class Sha3
{
    public const int HashSize = 64;

    public static byte[] Hash(ReadOnlySpan<byte> message)
    {
        Sha3Digest digest = Digest();
        byte[] bytes = message.ToArray();
        digest.BlockUpdate(bytes, 0, bytes.Length);
        return Finish(digest);
    }

    internal static Sha3Digest Digest() => new(HashSize * 8);

    internal static byte[] Finish(Sha3Digest digest)
    {
        byte[] hash = new byte[HashSize];
        digest.DoFinal(hash, 0);
        return hash;
    }
}
