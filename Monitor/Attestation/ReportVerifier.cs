namespace RvJit.Monitor.Attestation;

/// <summary>What a verifier knows beforehand.</summary>
/// <param name="DevicePublicKey">Key of the device that it trusts.</param>
/// <param name="EnclaveHash">Measurement of the enclave that it means, or null for any.</param>
/// <param name="MonitorHash">Hash of the monitor that it trusts, or null for any.</param>
/// <param name="Model">Upstream's monitor leaves bytes of its stack behind the data.</param>
public sealed record ReportExpectation(
    byte[] DevicePublicKey,
    byte[]? EnclaveHash,
    byte[]? MonitorHash,
    SecurityModel Model);

/// <summary>One thing that was looked at.</summary>
/// <param name="Passed">Whether it is as it must be.</param>
/// <param name="Text">What was found, for a person.</param>
public sealed record ReportCheck(bool Passed, string Text);

/// <summary>
/// The checks of a relying party, each with its reason (Keystone sdk/src/verifier/Report.cpp checks the two signatures
/// and the hashes). Together they cover every bit of a report.
/// </summary>
public static class ReportVerifier
{
    public static IReadOnlyList<ReportCheck> Check(AttestationReport report, ReportExpectation expected)
    {
        var checks = new List<ReportCheck>
        {
            Same("the report's device key", report.DevicePublicKey, expected.DevicePublicKey, "the trusted one"),
            new(
                Ed25519Sha3.Verify(expected.DevicePublicKey, report.SignedByDevice, report.MonitorSignature),
                "the device's signature over the monitor's hash and public key"),
        };
        if (report.DataLength > AttestationReport.DataCapacity)
        {
            checks.Add(new ReportCheck(false, $"the data is said to have {report.DataLength} bytes; there is room for {AttestationReport.DataCapacity}"));
            return checks;
        }

        checks.Add(new ReportCheck(
            Ed25519Sha3.Verify(report.MonitorPublicKey, report.SignedByMonitor, report.EnclaveSignature),
            "the monitor's signature over the enclave's hash and data"));
        if (!expected.Model.Has(Weakness.StaleReport))
        {
            checks.Add(new ReportCheck(
                report.Tail.IndexOfAnyExcept((byte)0) < 0,
                "zeros in the bytes behind the data, which nobody signs (an upstream monitor leaves its stack there: --model=stock)"));
        }

        if (expected.MonitorHash is { } monitor)
            checks.Add(Same("the monitor's hash", report.MonitorHash, monitor, "the expected one"));
        if (expected.EnclaveHash is { } enclave)
            checks.Add(Same("the enclave's hash", report.EnclaveHash, enclave, "the expected one"));
        return checks;
    }

    private static ReportCheck Same(string what, ReadOnlySpan<byte> actual, ReadOnlySpan<byte> expected, string meaning) => new(
        actual.SequenceEqual(expected), $"{what} is {meaning}: {Convert.ToHexStringLower(actual)}");
}
