using System.Numerics;
using System.Security.Cryptography;

namespace RvJit.Monitor.Attestation;

/// <summary>
/// Signatures of Keystone: Ed25519 (RFC 8032) with SHA3-512 in the place of SHA-512, and an expanded secret key instead
/// of a seed (Keystone sm/src/ed25519/sign.c, sdk/src/verifier/ed25519/verify.c). No library offers it, because the hash
/// is part of Ed25519's name.
/// </summary>
public static class Ed25519Sha3
{
    public const int SignatureSize = 64;
    public const int PublicKeySize = 32;

    private const int HalfSize = 32;

    /// <summary>Bits that a scalar below the group's order never has, in the last byte of a signature.</summary>
    private const byte ImpossibleScalarBits = 0xe0;

    /// <summary>Order of the base point: 2^252 + 27742317777372353535851937790883648493 (RFC 8032, section 5.1).</summary>
    private static readonly BigInteger _order =
        (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493");

    public static byte[] Sign(SigningKey key, ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> secret = key.Secret;
        BigInteger nonce = HashScalar(secret[HalfSize..], [], message);
        byte[] signature = new byte[SignatureSize];
        EdwardsPoint.Base.Multiply(Bytes(nonce)).Encode().CopyTo(signature, 0);
        BigInteger challenge = HashScalar(signature.AsSpan(0, HalfSize), key.Public, message);
        var scalar = new BigInteger(secret[..HalfSize], isUnsigned: true);
        Bytes(((challenge * scalar) + nonce) % _order).CopyTo(signature.AsSpan(HalfSize));
        return signature;
    }

    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if ((signature[SignatureSize - 1] & ImpossibleScalarBits) != 0 || EdwardsPoint.Decode(publicKey) is not { } point)
            return false;
        BigInteger challenge = HashScalar(signature[..HalfSize], publicKey, message);
        EdwardsPoint commitment = EdwardsPoint.Base.Multiply(signature[HalfSize..]).Add(point.Negate().Multiply(Bytes(challenge)));
        return CryptographicOperations.FixedTimeEquals(commitment.Encode(), signature[..HalfSize]);
    }

    private static BigInteger HashScalar(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> message) =>
        new BigInteger(Sha3.Hash([.. first, .. second, .. message]), isUnsigned: true) % _order;

    private static byte[] Bytes(BigInteger scalar)
    {
        byte[] bytes = new byte[HalfSize];
        scalar.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }
}

/// <summary>A key pair: 64 secret bytes, of which the first half is the scalar and the second makes nonces, and the public point.</summary>
public sealed class SigningKey
{
    public const int SecretSize = 64;
    public const int SeedSize = 32;

    private readonly byte[] _secret;
    private readonly byte[] _public;

    private SigningKey(byte[] secret)
    {
        _secret = secret;
        _public = EdwardsPoint.Base.Multiply(secret.AsSpan(0, EdwardsPoint.EncodedSize)).Encode();
    }

    public ReadOnlySpan<byte> Public => _public;

    internal ReadOnlySpan<byte> Secret => _secret;

    /// <summary>Keystone sm/src/ed25519/keypair.c: the seed's hash, with the scalar's bits set as RFC 8032, section 5.1.5, wants.</summary>
    public static SigningKey FromSeed(ReadOnlySpan<byte> seed)
    {
        byte[] secret = Sha3.Hash(seed[..SeedSize]);
        secret[0] &= 0xf8;
        secret[31] = (byte)((secret[31] & 0x3f) | 0x40);
        return new SigningKey(secret);
    }

    public static SigningKey FromSecret(ReadOnlySpan<byte> secret) => new(secret[..SecretSize].ToArray());
}
