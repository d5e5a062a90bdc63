using NUnit.Framework;
using RvJit.Monitor;
using RvJit.Monitor.Attestation;
using RvJit.Monitor.Runtime;
using RvJit.Tests.Support;

namespace RvJit.Tests.Monitor.Attestation;

/// <summary>Reports and sealing keys that an enclave gets, against the verifier here and the one in Python.</summary>
public class ReportTests
{
    /// <summary>Data of <see cref="EnclaveImage.SmallEapp"/>, with a page of zeros behind.</summary>
    private const ulong EappData = 0x12000;

    private static readonly ReportExpectation _testDevice =
        new(MonitorIdentity.TestDevice.Public.ToArray(), null, null, SecurityModel.Hardened);

    [Test]
    public void EveryChangedByteIsRefused()
    {
        byte[] good = Create("nonce"u8);
        Assert.That(Failures(good), Is.Empty);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= (byte)(1 << (i % 8));
            Assert.That(Failures(bad), Is.Not.Empty, $"byte {i}");
        }
    }

    [TestCase(0, "enclave's hash and data")]
    [TestCase(64, "enclave's hash and data")]
    [TestCase(71, "there is room for 1024")]
    [TestCase(76, "enclave's hash and data")]
    [TestCase(77, "behind the data")]
    [TestCase(1095, "behind the data")]
    [TestCase(1096, "enclave's hash and data")]
    [TestCase(1160, "monitor's hash and public key")]
    [TestCase(1255, "monitor's hash and public key")]
    [TestCase(1256, "monitor's hash and public key")]
    [TestCase(1320, "device key")]
    [TestCase(1351, "device key")]
    public void TheReasonIsNamed(int offset, string reason)
    {
        byte[] report = Create("nonce"u8);
        report[offset] ^= 1;
        Assert.That(Failures(report), Has.Some.Contains(reason));
    }

    [Test]
    public void OtherHashesAreRefused()
    {
        AttestationReport report = AttestationReport.Read(Create([]))!;
        byte[] other = new byte[Sha3.HashSize];
        Assert.Multiple(() =>
        {
            Assert.That(ReportVerifier.Check(report, _testDevice with { EnclaveHash = report.EnclaveHash.ToArray(), MonitorHash = report.MonitorHash.ToArray() }).All(c => c.Passed), Is.True);
            Assert.That(ReportVerifier.Check(report, _testDevice with { EnclaveHash = other }).Single(c => !c.Passed).Text, Does.Contain("enclave's hash"));
            Assert.That(ReportVerifier.Check(report, _testDevice with { MonitorHash = other }).Single(c => !c.Passed).Text, Does.Contain("monitor's hash"));
        });
    }

    [TestCase(0UL, KeystoneError.Success)]
    [TestCase(1024UL, KeystoneError.Success)]
    [TestCase(1025UL, KeystoneError.IllegalArgument)]
    [TestCase(ulong.MaxValue, KeystoneError.IllegalArgument)]
    public void LengthsOfData(ulong length, KeystoneError expected)
    {
        using var board = new MonitorBoard();
        board.Start();
        Assert.That(board.Ecall(RuntimeCall.AttestEnclave, EappData, EappData, length), Is.EqualTo((ulong)expected));
    }

    [TestCase(EappData, 0x5000UL, KeystoneError.NotAccessible)]
    [TestCase(0x5000UL, EappData, KeystoneError.IllegalArgument)]
    [TestCase(EappData + 0x2000 - 1024, EappData, KeystoneError.IllegalArgument)]
    public void MemoryThatIsNotTheEapps(ulong report, ulong data, KeystoneError expected)
    {
        using var board = new MonitorBoard();
        board.Start();
        Assert.That(board.Ecall(RuntimeCall.AttestEnclave, report, data, 8), Is.EqualTo((ulong)expected));
    }

    [Test]
    public void AHostGetsNeitherReportNorKey()
    {
        using var board = new MonitorBoard();
        Assert.That(board.Monitor.Attest(board.Hart, [], out _), Is.EqualTo(KeystoneError.SbiProhibited));
        Assert.That(board.Monitor.GetSealingKey(board.Hart, [], out byte[]? _), Is.EqualTo(KeystoneError.SbiProhibited));
        Assert.That(board.Monitor.GetSealingKey(board.Hart, 0, 0, 0), Is.EqualTo(KeystoneError.SbiProhibited));
    }

    [Test]
    public void AnotherImplementationAgrees()
    {
        string python = Extras.RequirePython();
        using var directory = new TemporaryDirectory();
        string image = directory.Write("image", MonitorIdentity.BuiltInImage.ToArray());
        using var board = new MonitorBoard();
        board.Start();
        string measurement = Convert.ToHexStringLower(board.Monitor.Enclaves[0].Measurement.Span);

        byte[] report = Attest(board, [1, 2, 3, 4]);
        Assert.That(Oracle(python, "report", image, measurement, "01020304"), Is.EqualTo(Convert.ToHexStringLower(report)));
        string file = directory.Write("report", report);
        Assert.That(
            Oracle(python, "verify", file, Convert.ToHexStringLower(MonitorIdentity.TestDevice.Public)),
            Is.EqualTo($"{measurement} 01020304"));

        Assert.That(board.Ecall(RuntimeCall.GetSealingKey, EappData + 0x1000, SealingKey.Size, EappData, 4), Is.Zero);
        byte[] key = new byte[SealingKey.Size];
        board.EnclaveWorld.TryRead(EappData + 0x1000, key);
        Assert.That(Oracle(python, "seal", image, measurement, "01020304"), Is.EqualTo(Convert.ToHexStringLower(key)));
    }

    [TestCase(4097UL, 4UL)]
    [TestCase(192UL, 4097UL)]
    public void ASealingKeyOfAWrongSize(ulong size, ulong name)
    {
        using var board = new MonitorBoard();
        board.Start();
        Assert.That(board.Ecall(RuntimeCall.GetSealingKey, EappData, size, EappData, name), Is.EqualTo(ulong.MaxValue));
    }

    /// <summary>Physical addresses: nothing outside of the caller's EPM, not even a byte of it.</summary>
    [TestCase(-1L, 0L, 8UL)]
    [TestCase((1L << 20) - SealingKey.Size + 1, 0L, 8UL)]
    [TestCase(0L, -1L, 8UL)]
    [TestCase(0L, (1L << 20) - 7, 8UL)]
    [TestCase(0L, 0L, ulong.MaxValue)]
    [TestCase(long.MaxValue, 0L, 0UL)]
    public void ASealingKeyOutsideOfTheEnclave(long key, long name, ulong length)
    {
        using var board = new MonitorBoard();
        ulong epm = board.Start().EpmAddress;
        Assert.That(board.Monitor.GetSealingKey(board.Hart, epm + (ulong)key, epm + (ulong)name, length), Is.EqualTo(KeystoneError.IllegalArgument));
    }

    private static string Oracle(string python, params string[] words) =>
        Tool.Run(python, [Repository.PathOf("Tests", "Monitor", "Attestation", "oracle.py"), .. words]).TrimEnd();

    private static byte[] Attest(MonitorBoard board, ReadOnlySpan<byte> data)
    {
        Assert.That(board.EnclaveWorld.TryWrite(EappData, data), Is.True);
        Assert.That(board.Ecall(RuntimeCall.AttestEnclave, EappData + 0x1000 - 1024, EappData, (ulong)data.Length), Is.Zero);
        byte[] report = new byte[AttestationReport.Size];
        Assert.That(board.EnclaveWorld.TryRead(EappData + 0x1000 - 1024, report), Is.True);
        return report;
    }

    private static byte[] Create(ReadOnlySpan<byte> data)
    {
        using var board = new MonitorBoard();
        board.Start();
        return Attest(board, data);
    }

    private static IEnumerable<string> Failures(byte[] report) =>
        ReportVerifier.Check(AttestationReport.Read(report)!, _testDevice).Where(check => !check.Passed).Select(check => check.Text);
}
