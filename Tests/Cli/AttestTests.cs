using NUnit.Framework;
using RvJit.Monitor.Attestation;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary><c>rvjit measure</c> and <c>rvjit attest verify</c>, as a user sees them.</summary>
public sealed class AttestTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public void MeasureAgreesWithAnotherImplementation()
    {
        string[] files = [GuestPrograms.PathOf("loader.bin"), GuestPrograms.PathOf("runtime.elf"), GuestPrograms.PathOf("eapp-hello")];
        RvJitResult result = RvJitProcess.Run(["measure", .. files]);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        string oracle = Repository.PathOf("Tests", "Monitor", "Attestation", "oracle.py");
        Assert.That(result.Output, Is.EqualTo(Tool.Run(Extras.RequirePython(), [oracle, "measure", .. files])));
    }

    [Test]
    public void AGoodReport()
    {
        AttestationReport report = Report(MonitorIdentity.TestDevice);
        string file = _directory.Write("good", [.. report.Bytes, .. new byte[2048 - AttestationReport.Size]]);
        RvJitResult result = RvJitProcess.Run(
            "attest", "verify", "--expected", new string('7', 128), "--expected-sm", Convert.ToHexStringLower(report.MonitorHash), file);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("the report is valid").And.Contain("data     5 bytes: 6e6f6e6365"));
    }

    [TestCase(0, "FAIL  the monitor's signature over the enclave's hash and data")]
    [TestCase(1256, "FAIL  the device's signature")]
    public void AFlippedBit(int offset, string reason)
    {
        byte[] report = [.. Report(MonitorIdentity.TestDevice).Bytes];
        report[offset] ^= 0x10;
        RvJitResult result = RvJitProcess.Run("attest", "verify", _directory.Write("flipped", report));
        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString());
        Assert.That(result.Output, Does.Contain(reason).And.Contain("NOT valid"));
    }

    [Test]
    public void AnotherDevice()
    {
        var device = SigningKey.FromSeed(new byte[SigningKey.SeedSize]);
        string file = _directory.Write("other", [.. Report(device).Bytes]), key = _directory.Write("key", [.. device.Public]);
        Assert.That(RvJitProcess.Run("attest", "verify", file).ExitCode, Is.EqualTo(1));
        Assert.That(RvJitProcess.Run("attest", "verify", "--device-public", key, file).ExitCode, Is.Zero);
        Assert.That(RvJitProcess.Run("attest", "verify", "--device-public", Convert.ToHexString(device.Public), file).ExitCode, Is.Zero);
    }

    [Test]
    public void ATailIsAcceptedFromStock()
    {
        byte[] report = [.. Report(MonitorIdentity.TestDevice).Bytes];
        report[1000] = 1;
        string file = _directory.Write("stock", report);
        Assert.That(RvJitProcess.Run("attest", "verify", file).ExitCode, Is.EqualTo(1));
        Assert.That(RvJitProcess.Run("attest", "verify", "--model=stock", file).ExitCode, Is.Zero);
    }

    [TestCase("attest", "no command given")]
    [TestCase("attest verify", "no REPORT given; see 'rvjit attest verify --help'")]
    [TestCase("attest verify --fast x", "unknown option '--fast'; see 'rvjit attest verify --help'")]
    [TestCase("attest verify nowhere", "REPORT nowhere cannot be read")]
    [TestCase("attest verify --expected 12 nowhere", "--expected 12 is neither 128 hexadecimal digits nor a file")]
    [TestCase("attest verify --model=soft x", "unknown model 'soft'")]
    [TestCase("measure a b", "no EAPP given")]
    [TestCase("measure nowhere b c", "LOADER nowhere cannot be read")]
    [TestCase("run --model=soft x", "say --model=hardened or --model=stock")]
    [TestCase("run --pmp-entries 9 x", "--pmp-entries 9 is not possible; say 8 or 16 or 64")]
    [TestCase("run --device-key nowhere x", "--device-key nowhere cannot be read")]
    [TestCase("run --sm-key /dev/null x", "--sm-key /dev/null is no secret key")]
    [TestCase("run --sm-seed=weak x", "unknown rule 'weak'")]
    public void BadInputGetsOneLine(string words, string expected) => OneLine.Assert(RvJitProcess.Run(words.Split(' ')), expected);

    [Test]
    public void TooShortForAReport() =>
        OneLine.Assert(RvJitProcess.Run("attest", "verify", _directory.Write("short", new byte[1351])), "too short for a report");

    private static AttestationReport Report(SigningKey device) => AttestationReport.Create(
        MonitorIdentity.Create(device, MonitorIdentity.BuiltInImage), Enumerable.Repeat((byte)0x77, Sha3.HashSize).ToArray(), "nonce"u8);
}
