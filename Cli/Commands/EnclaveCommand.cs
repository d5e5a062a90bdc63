using System.CommandLine;
using System.CommandLine.Parsing;
using RvJit.Cli.Demo;
using RvJit.Cli.Output;
using RvJit.Cli.Statistics;
using RvJit.Guest.Keystone;
using RvJit.Machine;
using RvJit.Monitor.Runtime;

namespace RvJit.Cli.Commands;

/// <summary><c>rvjit enclave [options] EAPP [ARGS...]</c>: an eapp without a host program; the low byte of what it returns becomes rvjit's exit code.</summary>
public sealed class EnclaveCommand
{
    public const string Name = "enclave";

    /// <summary>Enough for a libc, its heap and some threads.</summary>
    private const ulong DefaultFreeMemory = 16 << 20;
    private const ulong DefaultUtmSize = 1 << 20;
    private const long LargestFile = 1L << 30;

    private readonly Argument<string[]> _eapp = new("EAPP")
    {
        Description = "The enclave program and its arguments; options of rvjit stand before it.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<ulong> _free = Size("--freemem", "Memory that the eapp may use beyond its own file (default 16M).", DefaultFreeMemory);
    private readonly Option<ulong> _utm = Size("--utm-size", "Size of the buffer that the enclave shares with its host (default 1M).", DefaultUtmSize);

    private readonly Option<string> _runtime = new("--runtime-file")
    {
        Description = "Runtime (eyrie-rt) to load and to measure (default: the embedded one, which stands for the native runtime).",
        HelpName = "FILE",
    };

    private readonly Option<string> _loader = new("--loader-file")
    {
        Description = "Loader (loader.bin) to load and to measure (default: the embedded one).",
        HelpName = "FILE",
    };

    private readonly Option<Given<RuntimeChoice>> _choice = RuntimeOption.CreateChoice();

    private readonly Option<Given<RuntimeFeatures>> _features = RuntimeOption.Create();

    private readonly Option<string> _text = new("--string")
    {
        Description = "What the host gives when the eapp asks for a string.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "hello from the host",
    };

    private readonly Option<string> _report = new("--report")
    {
        Description = "Write the attestation report that the eapp hands out to a file.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _strace = new("--strace")
    {
        Description = "Print the system calls that the host makes for the enclave to standard error.",
        Arity = ArgumentArity.Zero,
    };

    private readonly Option<string> _root = new("--root")
    {
        Description = "Host directory that the enclave's file calls see as / (default: the host's own).",
        HelpName = "DIR",
        DefaultValueFactory = _ => "/",
    };

    private readonly EnclaveOptions _enclaves = new();

    private readonly ExecutionOptions _execution = new();

    private EnclaveCommand()
    {
    }

    public static Command Create()
    {
        var enclave = new EnclaveCommand();
        var command = new Command(Name, "Run an enclave program with no host program: rvjit serves its prints and system calls.")
        {
            enclave._eapp, enclave._free, enclave._utm, enclave._runtime, enclave._loader, enclave._choice, enclave._features, enclave._text,
            enclave._report, enclave._strace, enclave._root,
        };
        enclave._enclaves.AddTo(command);
        enclave._execution.AddTo(command);
        enclave._execution.AddObservationTo(command);
        command.SetAction(enclave.Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        StatisticsFormat format = _execution.Statistics(result);
        GuestOutcome outcome = Composition.Run(Options(result));
        if (outcome.Limit is { } limit)
            Terminal.Error($"the enclave has executed {limit.Instructions} instructions, the limit (pc 0x{limit.Pc:x})");
        if (outcome.Statistics is { } statistics)
            StatisticsReport.Write(Console.Error, statistics, format);
        return outcome.ExitCode;
    }

    private GuestOptions Options(ParseResult result)
    {
        string[] words = result.GetRequiredValue(_eapp);
        string? report = result.GetValue(_report);
        if (result.GetValue(_choice)?.Value == RuntimeChoice.Guest && (result.GetValue(_runtime) is null || result.GetValue(_loader) is null))
            throw new BadInputException("--runtime=guest executes Keystone's own files: give them as --runtime-file and --loader-file");
        return new GuestOptions
        {
            Program = words[0],
            Arguments = words,
            Root = result.GetRequiredValue(_root),
            Tier = _execution.Tier(result),
            Observation = _execution.Observation(result),
            Monitor = _enclaves.Read(result),
            Strace = result.GetValue(_strace),
            Metered = _execution.Statistics(result) != StatisticsFormat.None,
            Runtime = result.GetValue(_choice)?.Value ?? default,
            Services = new EnclaveRuntimeOptions
            {
                Features = result.GetValue(_features)?.Value,
                Arguments = words.Length > 1 ? words : [],
            },
            Enclave = new EnclaveFiles
            {
                Name = words[0],
                Eapp = Read(words[0]),
                Runtime = result.GetValue(_runtime) is { } runtime ? Read(runtime) : EmbeddedFiles.Read("runtime.elf"),
                Loader = result.GetValue(_loader) is { } loader ? Read(loader) : EmbeddedFiles.Read("loader.bin"),
                FreeMemory = result.GetRequiredValue(_free),
                UtmSize = result.GetRequiredValue(_utm),
                Text = result.GetRequiredValue(_text),
                ReportCopied = report is null ? null : bytes => Write(report, bytes),
            },
        };
    }

    private static byte[] Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                throw new BadInputException($"there is no file {path}");
            if (file.Length is 0 or > LargestFile)
                throw new BadInputException($"{path} has {file.Length} bytes, which is no part of an enclave");
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {e.Message}");
        }
    }

    private static void Write(string path, byte[] report)
    {
        try
        {
            File.WriteAllBytes(path, report);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Warning($"the report cannot be written to {path}: {e.Message}");
        }
    }

    private static Option<ulong> Size(string name, string description, ulong value) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = MachineValues.EnclaveMemory,
        DefaultValueFactory = _ => value,
    };
}
