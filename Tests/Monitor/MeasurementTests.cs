using System.Buffers.Binary;
using System.Numerics;
using NUnit.Framework;
using RvJit.Monitor;

namespace RvJit.Tests.Monitor;

/// <summary>The measurement against SHA3-512 written down a second time from FIPS 202.</summary>
public class MeasurementTests
{
    [TestCase(5, 9, 13, Description = "one page each")]
    [TestCase(36888, 112056, 7080, Description = "sizes of a real enclave")]
    [TestCase(4096, 8192, 300_000, Description = "whole pages and an eapp longer than the hash's buffer")]
    public void TheHashCoversSizesAndPaddedFiles(int loaderBytes, int runtimeBytes, int eappBytes)
    {
        var random = new Random(eappBytes);
        byte[] loader = Bytes(random, loaderBytes), runtime = Bytes(random, runtimeBytes), eapp = Bytes(random, eappBytes);
        using var board = new MonitorBoard();
        EnclaveCreateArguments layout = board.Load(loader, runtime, eapp, 1 << 20, 1 << 16);

        // What is not measured: free memory and the UTM.
        board.Memory.Span(layout.FreeAddress, 16).Fill(0xAA);
        board.Memory.Span(layout.UtmAddress, 16).Fill(0xBB);
        board.Monitor.Create(board.Hart, layout);
        byte[] padded = [.. Sizes(loader, runtime, eapp), .. Pad(loader), .. Pad(runtime), .. Pad(eapp)];
        Assert.That(board.Monitor.Enclaves[0].Measurement.ToArray(), Is.EqualTo(Sha3_512(padded)));
    }

    [Test]
    public void OneChangedBitChangesTheHash()
    {
        using var board = new MonitorBoard();
        EnclaveCreateArguments a = board.LoadSmall();
        EnclaveCreateArguments b = board.LoadSmall();
        Assert.That(Measurement.Of(board.Memory, b), Is.EqualTo(Measurement.Of(board.Memory, a)));
        board.Memory.Span(b.FreeAddress - 1, 1)[0] ^= 1;
        Assert.That(Measurement.Of(board.Memory, b), Is.Not.EqualTo(Measurement.Of(board.Memory, a)));
    }

    [Test]
    public void TheReferenceKnowsTheEmptyMessage() => Assert.That(
        Convert.ToHexStringLower(Sha3_512([])),
        Is.EqualTo("a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26"));

    private static byte[] Sizes(params byte[][] files)
    {
        byte[] sizes = new byte[files.Length * 8];
        for (int i = 0; i < files.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(sizes.AsSpan(i * 8), Pad(files[i]).Length);
        return sizes;
    }

    private static byte[] Pad(byte[] file)
    {
        byte[] padded = new byte[(file.Length + 4095) & ~4095];
        file.CopyTo(padded, 0);
        return padded;
    }

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Sha3_512(byte[] message)
    {
        const int Rate = 72;
        byte[] padded = new byte[((message.Length / Rate) + 1) * Rate];
        message.CopyTo(padded, 0);
        padded[message.Length] ^= 0x06;
        padded[^1] ^= 0x80;
        ulong[] lanes = new ulong[25];
        for (int block = 0; block < padded.Length; block += Rate)
        {
            for (int i = 0; i < Rate / 8; i++)
                lanes[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(padded.AsSpan(block + (i * 8)));
            Permute(lanes);
        }

        byte[] hash = new byte[64];
        for (int i = 0; i < 8; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(hash.AsSpan(i * 8), lanes[i]);
        return hash;
    }

    /// <summary>Keccak-f[1600]; lane (x, y) is a[x + 5y], round constants from the LFSR of section 3.2.5.</summary>
    private static void Permute(ulong[] a)
    {
        int lfsr = 1;
        ulong[] column = new ulong[5], b = new ulong[25];
        for (int round = 0; round < 24; round++)
        {
            for (int x = 0; x < 5; x++)
                column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
            for (int i = 0; i < 25; i++)
                a[i] ^= column[(i + 4) % 5] ^ BitOperations.RotateLeft(column[(i + 1) % 5], 1);

            int px = 1, py = 0;
            b[0] = a[0];
            for (int t = 0; t < 24; t++)
            {
                int nx = py, ny = ((2 * px) + (3 * py)) % 5;
                b[nx + (5 * ny)] = BitOperations.RotateLeft(a[px + (5 * py)], (t + 1) * (t + 2) / 2);
                (px, py) = (nx, ny);
            }

            for (int i = 0; i < 25; i++)
                a[i] = b[i] ^ (~b[((i + 1) % 5) + (i / 5 * 5)] & b[((i + 2) % 5) + (i / 5 * 5)]);
            for (int j = 0; j < 7; j++)
            {
                if ((lfsr & 1) != 0)
                    a[0] ^= 1UL << ((1 << j) - 1);
                lfsr = (lfsr << 1) ^ ((lfsr & 0x80) != 0 ? 0x171 : 0);
            }
        }
    }
}
