using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace RvJit.Monitor.Attestation;

/// <summary>
/// What GET_SEALING_KEY gives: 128 bytes that depend on the monitor's secret key, the enclave's measurement and a name
/// that the enclave chooses, by HKDF with SHA3-512 (RFC 5869) without salt; and the monitor's signature over them
/// (Keystone sm/src/sm.c, sm_derive_sealing_key; struct sealing_key).
/// </summary>
public static class SealingKey
{
    public const int KeySize = 128;
    public const int Size = KeySize + Ed25519Sha3.SignatureSize;

    public static byte[] Derive(SigningKey monitor, ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> name)
    {
        var generator = new HkdfBytesGenerator(Sha3.Digest());
        generator.Init(new HkdfParameters(monitor.Secret.ToArray(), salt: null, [.. measurement, .. name]));
        byte[] result = new byte[Size];
        generator.GenerateBytes(result, 0, KeySize);
        Ed25519Sha3.Sign(monitor, result.AsSpan(0, KeySize)).CopyTo(result, KeySize);
        return result;
    }
}
