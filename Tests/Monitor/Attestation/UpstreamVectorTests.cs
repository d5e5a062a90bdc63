using NUnit.Framework;
using RvJit.Monitor.Attestation;
using RvJit.Tests.Support;

namespace RvJit.Tests.Monitor.Attestation;

/// <summary>Keys, hashes, signatures and sealing keys against what upstream's C code makes of the same input.</summary>
public class UpstreamVectorTests
{
    private static IEnumerable<TestCaseData> Vectors() =>
        File.ReadLines(Repository.PathOf("Tests", "Monitor", "Attestation", "upstream.vectors"))
            .Where(line => !line.StartsWith('#'))
            .Select((line, i) => new TestCaseData(line).SetArgDisplayNames($"line {i}"));

    [TestCaseSource(nameof(Vectors))]
    public void AgreesWithUpstream(string line)
    {
        byte[][] field = [.. line.Split(' ').Select(text => text == "-" ? [] : Convert.FromHexString(text))];
        byte[] message = field[3], signature = field[5];
        var key = SigningKey.FromSeed(field[0]);
        Assert.Multiple(() =>
        {
            Assert.That(key.Public.ToArray(), Is.EqualTo(field[1]));
            Assert.That(SigningKey.FromSecret(field[2]).Public.ToArray(), Is.EqualTo(field[1]));
            Assert.That(Sha3.Hash(message), Is.EqualTo(field[4]));
            Assert.That(Ed25519Sha3.Sign(key, message), Is.EqualTo(signature));
            Assert.That(Ed25519Sha3.Verify(field[1], message, signature), Is.True);
            Assert.That(SealingKey.Derive(key, [], message).AsSpan(0, SealingKey.KeySize).ToArray(), Is.EqualTo(field[6]));
        });
    }

    [Test]
    public void AChangedBitIsNoSignature()
    {
        var key = SigningKey.FromSeed(new byte[SigningKey.SeedSize]);
        byte[] message = [1, 2, 3], signature = Ed25519Sha3.Sign(key, message);
        for (int bit = 0; bit < signature.Length * 8; bit++)
        {
            byte[] changed = [.. signature];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(Ed25519Sha3.Verify(key.Public, message, changed), Is.False, $"bit {bit}");
        }

        Assert.That(Ed25519Sha3.Verify(key.Public, [1, 2, 2], signature), Is.False);
        Assert.That(Ed25519Sha3.Verify(SigningKey.FromSeed([.. signature[..32]]).Public, message, signature), Is.False);
    }

    [Test]
    public void APublicKeyThatIsNoPointVerifiesNothing()
    {
        byte[] noPoint = new byte[Ed25519Sha3.PublicKeySize];
        noPoint[0] = 2; // y = 2: (y^2 - 1) / (d y^2 + 1) has no root
        Assert.That(Ed25519Sha3.Verify(noPoint, [], new byte[Ed25519Sha3.SignatureSize]), Is.False);
    }

    /// <summary>Keystone bootrom/test_dev_key.h has both halves.</summary>
    [Test]
    public void TheTestDevice() => Assert.That(
        Convert.ToHexStringLower(MonitorIdentity.TestDevice.Public),
        Is.EqualTo("0faad4ff01178583baa588966f7c1ff32564dd17d7dc2b46cb50a84a69270b4c"));

    /// <summary>Recorded from bootrom/bootloader.c's steps, compiled natively like the vectors, for a firmware of one line.</summary>
    [Test]
    public void KeysOfUpstreamsBoot()
    {
        var identity = MonitorIdentity.Create(MonitorIdentity.TestDevice, "a firmware\n"u8, SeedRule.Upstream);
        Assert.Multiple(() =>
        {
            Assert.That(Convert.ToHexStringLower(identity.Hash.Span), Is.EqualTo(
                "ee1002659053b76f281197f443b84a1935867c5959555caabdd2c15171b095a1299de73b223fa2286b75332439a1601ec379946af0337bad1ea9113de1b545d0"));
            Assert.That(Convert.ToHexStringLower(identity.Key.Public), Is.EqualTo("ee1c81439dda70404432f005245f4ae6c8a293790f90befebb099bd8d2308df8"));
            Assert.That(Convert.ToHexStringLower(identity.Certificate.Span), Is.EqualTo(
                "3103d1abbe7c646ab704096c37d1a0aba8d271d4c6d773bbb67b352f00d9a0bb3d2af5b4f2c32c21ceae512d375baebd8fd1f25627283110d8d38f22633c280b"));
        });
    }
}
