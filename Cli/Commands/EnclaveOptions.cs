using System.CommandLine;
using System.CommandLine.Parsing;
using RvJit.Cli.Attestation;
using RvJit.Monitor;
using RvJit.Monitor.Attestation;

namespace RvJit.Cli.Commands;

/// <summary>The options of the security monitor, shared by the commands that run enclaves.</summary>
public sealed class EnclaveOptions
{
    private const int MostPmpEntries = 64;

    private readonly Option<SecurityModel> _model = ModelOption.Create(
        "hardened (default): the known weaknesses of Keystone are closed; stock: they are there, for research.");

    private readonly Option<Given<int>> _pmp = new("--pmp-entries")
    {
        Description = "PMP registers of the security monitor: 8 (default), 16 or 64. Each enclave needs one or two.",
        HelpName = "N",
        CustomParser = result => MachineValues.OneOf(result, [KeystoneAbi.PmpRegisterCount, 16, MostPmpEntries]),
    };

    private readonly Option<string> _deviceKey = new("--device-key")
    {
        Description = "The device's secret key: a file of 32 bytes (a seed) or 64 bytes, plain or in hexadecimal (default: Keystone's test key).",
        HelpName = "FILE",
    };

    private readonly Option<string> _monitorKey = new("--sm-key")
    {
        Description = "The security monitor's secret key, likewise; sealing keys depend on it (default: from device key and image).",
        HelpName = "FILE",
    };

    private readonly Option<string> _image = new("--sm-image")
    {
        Description = "What is measured as the security monitor: the firmware file that a verifier expects (default: a constant).",
        HelpName = "FILE",
    };

    private readonly Option<Given<SeedRule>> _seed = new("--sm-seed")
    {
        Description = "How the monitor's key follows from device key and image: sound (default), or upstream, which takes one byte of each.",
        HelpName = "sound|upstream",
        CustomParser = result => ParseSeed(result),
    };

    private readonly Option<Given<int>> _tick = new("--tick")
    {
        Description = "Interrupt running enclaves every so many milliseconds, as a kernel's timer does (default: never).",
        HelpName = "MS",
        CustomParser = result => MachineValues.Number(result, 1, 1000),
    };

    public void AddTo(Command command)
    {
        command.Add(_tick);
        command.Add(_model);
        command.Add(_pmp);
        command.Add(_deviceKey);
        command.Add(_monitorKey);
        command.Add(_image);
        command.Add(_seed);
    }

    /// <summary>How often enclaves are interrupted; null for never.</summary>
    public TimeSpan? Tick(ParseResult result) => result.GetValue(_tick)?.Value is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    /// <summary>Reads the files that the options name.</summary>
    public SecurityMonitorOptions Read(ParseResult result)
    {
        SigningKey? device = Key(result, _deviceKey), monitor = Key(result, _monitorKey);
        byte[]? image = result.GetValue(_image) is { } path ? InputFile.Read(_image.Name, path, MonitorIdentity.ImageSize) : null;
        SeedRule seed = result.GetValue(_seed)?.Value ?? default;
        return new SecurityMonitorOptions
        {
            Model = ModelOption.Value(result, _model),
            PmpEntries = result.GetValue(_pmp)?.Value ?? KeystoneAbi.PmpRegisterCount,
            Identity = () => MonitorIdentity.Create(
                device ?? MonitorIdentity.TestDevice, image is null ? MonitorIdentity.BuiltInImage : image, seed, monitor),
        };
    }

    private static SigningKey? Key(ParseResult result, Option<string> option) =>
        result.GetValue(option) is { } path ? KeyFile.ReadSecret(option.Name, path) : null;

    private static SeedRule ParseSeed(ArgumentResult result)
    {
        switch (result.Tokens[^1].Value)
        {
            case "sound":
                return SeedRule.Sound;
            case "upstream":
                return SeedRule.Upstream;
            case var other:
                result.AddError($"unknown rule '{other}': say --sm-seed=sound or --sm-seed=upstream");
                return default;
        }
    }
}
