using System.CommandLine;
using RvJit.Cli.Attestation;
using RvJit.Cli.Output;
using RvJit.Monitor;
using RvJit.Monitor.Attestation;

namespace RvJit.Cli.Commands;

/// <summary><c>rvjit attest verify [options] REPORT</c>: is this report what it says?</summary>
public static class AttestCommand
{
    public const string Name = "attest";

    private const long MostBytes = 1 << 20;

    public static Command Create() => new(Name, "Check attestation reports of Keystone.") { Verify() };

    private static Command Verify()
    {
        var file = new Argument<string>("REPORT") { Description = "The report: 1352 bytes; what follows them is ignored.", Arity = ArgumentArity.ExactlyOne };
        Option<string> enclave = Value("--expected", "HASH", "The enclave's measurement, as 'rvjit measure' prints it.");
        Option<string> monitor = Value("--expected-sm", "HASH", "The security monitor's hash.");
        Option<string> device = Value("--device-public", "KEY", "The device's public key, in hexadecimal or in a file (default: Keystone's test key).");
        Option<SecurityModel> model = ModelOption.Create("stock: accept the bytes that an upstream monitor leaves behind the data.");
        var command = new Command("verify", "Check a report's signatures and hashes; exit code 1 when it is not valid.")
        {
            file, enclave, monitor, device, model,
        };
        command.SetAction(result =>
        {
            var expectation = new ReportExpectation(
                Given(result, device, Ed25519Sha3.PublicKeySize) ?? MonitorIdentity.TestDevice.Public.ToArray(),
                Given(result, enclave, Sha3.HashSize),
                Given(result, monitor, Sha3.HashSize),
                ModelOption.Value(result, model));
            string path = result.GetRequiredValue(file);
            AttestationReport report = AttestationReport.Read(InputFile.Read(file.Name, path, MostBytes))
                ?? throw new BadInputException($"{path} is too short for a report, which has {AttestationReport.Size} bytes");
            return Print(report, ReportVerifier.Check(report, expectation));
        });
        return command;
    }

    private static int Print(AttestationReport report, IReadOnlyList<ReportCheck> checks)
    {
        using StreamWriter output = StandardOutput.Open();
        foreach (ReportCheck check in checks)
            output.WriteLine($"{(check.Passed ? "ok  " : "FAIL")}  {check.Text}");
        int failed = checks.Count(check => !check.Passed);
        if (failed == 0)
        {
            output.WriteLine($"enclave  {Convert.ToHexStringLower(report.EnclaveHash)}");
            output.WriteLine($"monitor  {Convert.ToHexStringLower(report.MonitorHash)}");
            output.WriteLine($"data     {report.DataLength} bytes: {Convert.ToHexStringLower(report.Data)}");
        }

        output.WriteLine(failed == 0 ? "the report is valid" : $"the report is NOT valid: {failed} of {checks.Count} checks failed");
        return failed == 0 ? ExitCode.Success : ExitCode.NotValid;
    }

    private static Option<string> Value(string name, string kind, string description) => new(name) { Description = description, HelpName = kind };

    private static byte[]? Given(ParseResult result, Option<string> option, int bytes) =>
        result.GetValue(option) is { } text ? KeyFile.ReadPublic(option.Name, text, bytes) : null;
}
