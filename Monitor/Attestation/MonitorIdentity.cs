namespace RvJit.Monitor.Attestation;

/// <summary>How the monitor's key follows from the device's key and the monitor's hash (Keystone bootrom/bootloader.c).</summary>
public enum SeedRule
{
    /// <summary>SHA3-512 of the whole secret device key and the whole hash: what upstream means to do.</summary>
    Sound,

    /// <summary>SHA3-512 of one byte of each, because upstream takes sizeof of an element: 65,536 seeds in the world.</summary>
    Upstream,
}

/// <summary>Keys and certificate that a monitor has from its boot: who made the device, which monitor runs on it.</summary>
public sealed class MonitorIdentity
{
    /// <summary>What a boot ROM hashes as the monitor: so many bytes from the start of RAM, zeros behind the file.</summary>
    public const int ImageSize = 0x1f_f000;

    private MonitorIdentity(SigningKey device, byte[] hash, SigningKey key)
    {
        Device = device;
        Hash = hash;
        Key = key;
        Certificate = Ed25519Sha3.Sign(device, [.. hash, .. key.Public]);
    }

    /// <summary>The key pair of upstream's test device (Keystone bootrom/test_dev_key.h): everybody knows it.</summary>
    public static SigningKey TestDevice { get; } = SigningKey.FromSecret(Convert.FromHexString(
        "40a099478ccefa3a0663abc95e7a1ec954b4f5f645bad804db13e7d7826c7073576a9ab62160d9d1c6aedc29852fb960ee5132835a1689ec06a8723451aa0e4a"));

    /// <summary>The image that stands for this monitor, which is no file in guest memory, when no other is given.</summary>
    public static ReadOnlySpan<byte> BuiltInImage => "RvJit native security monitor\n"u8;

    public SigningKey Device { get; }

    public ReadOnlyMemory<byte> Hash { get; }

    public SigningKey Key { get; }

    /// <summary>The device's signature over the monitor's hash and public key.</summary>
    public ReadOnlyMemory<byte> Certificate { get; }

    /// <param name="device">Key pair of the device.</param>
    /// <param name="image">File of the monitor, at most <see cref="ImageSize"/> bytes.</param>
    /// <param name="rule">How the monitor's key is derived when it is not given.</param>
    /// <param name="key">The monitor's key pair, or null to derive it.</param>
    public static MonitorIdentity Create(SigningKey device, ReadOnlySpan<byte> image, SeedRule rule = SeedRule.Sound, SigningKey? key = null)
    {
        byte[] hash = HashOf(image);
        int bytes = rule == SeedRule.Upstream ? 1 : SigningKey.SecretSize;
        return new MonitorIdentity(device, hash, key ?? SigningKey.FromSeed(Sha3.Hash([.. device.Secret[..bytes], .. hash.AsSpan(0, bytes)])));
    }

    public static byte[] HashOf(ReadOnlySpan<byte> image)
    {
        byte[] padded = new byte[ImageSize];
        image.CopyTo(padded);
        return Sha3.Hash(padded);
    }
}
