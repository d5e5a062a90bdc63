using System.CommandLine;
using System.CommandLine.Parsing;
using RvJit.Cli.Output;
using RvJit.Cli.Packages;
using RvJit.Cli.Statistics;
using RvJit.Guest.Linux;
using RvJit.Machine;
using RvJit.Monitor.Runtime;

namespace RvJit.Cli.Commands;

/// <summary><c>rvjit run [options] PROGRAM ARGS...</c>: the guest's exit status becomes rvjit's.</summary>
public sealed class RunCommand
{
    public const string Name = "run";

    /// <summary>The root when none is given.</summary>
    private const string Host = "/";

    private readonly Argument<string[]> _program = new("PROGRAM")
    {
        Description = "The program, or a Keystone package (NAME.ke), and its arguments; options of rvjit stand before it.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _strace = new("--strace")
    {
        Description = "Print every system call and signal to standard error.",
        Arity = ArgumentArity.Zero,
    };

    private readonly Option<string> _root = new("--root")
    {
        Description = "Host directory that the program sees as / (default: the host's own).",
        HelpName = "DIR",
        DefaultValueFactory = _ => Host,
    };

    private readonly Option<ExtensionSet?> _isa = IsaOption.Create(
        "Extensions that the program finds, like rv64gc_zba, or max (default: all that it can ask for; see 'rvjit isa').");

    private readonly Option<string[]> _set = new("--env")
    {
        Description = "Set a variable in the program's environment, which is otherwise rvjit's own. Repeatable.",
        HelpName = "NAME=VALUE",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _unset = new("--unset")
    {
        Description = "Remove a variable from the program's environment, before --env sets any. Repeatable.",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string> _cache = new("--cache")
    {
        Description = "Keep which code of the program is hot in a directory, so that the next run translates it at once.",
        HelpName = "DIR",
    };

    private readonly Option<Given<RuntimeChoice>> _runtime = RuntimeOption.CreateChoice();

    private readonly Option<Given<RuntimeFeatures>> _features = RuntimeOption.Create();

    private readonly EnclaveOptions _enclaves = new();

    private readonly ExecutionOptions _execution = new();

    private RunCommand() => _set.Validators.Add(CheckAssignments);

    public static Command Create()
    {
        var run = new RunCommand();
        var command = new Command(Name, "Run a riscv64 Linux program; its exit status becomes rvjit's.")
        {
            run._program, run._strace, run._root, run._isa, run._set, run._unset, run._cache, run._runtime, run._features,
        };
        run._enclaves.AddTo(command);
        run._execution.AddTo(command);
        run._execution.AddObservationTo(command);
        command.SetAction(run.Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        string[] words = result.GetRequiredValue(_program);
        return KeystonePackage.IsPackage(words[0]) ? RunPackage(result, words) : Run(result, Options(result, words));
    }

    private int RunPackage(ParseResult result, string[] words)
    {
        if (result.GetRequiredValue(_root) != Host)
            throw new BadInputException($"a package is unpacked on the host, where --root {result.GetRequiredValue(_root)} does not reach; leave it out");
        using var package = KeystonePackage.Open(words[0], words[1..]);
        int code = ExitCode.Success;
        foreach (string[] command in package.Commands)
        {
            if (PackageScript.IsEcho(command))
            {
                Console.Out.WriteLine(string.Join(' ', command[1..]));
                Console.Out.Flush();
                continue;
            }

            code = Run(result, Options(result, command) with
            {
                Program = Path.GetFullPath(Path.Join(package.Directory, command[0])),
                WorkingDirectory = package.Directory,
            });
        }

        return code;
    }

    private int Run(ParseResult result, GuestOptions options)
    {
        StatisticsFormat format = _execution.Statistics(result);
        GuestOutcome outcome = Composition.Run(options);
        if (outcome.Limit is { } limit)
            Terminal.Error($"thread {limit.Tid} has executed {limit.Instructions} instructions, the limit (pc 0x{limit.Pc:x})");
        if (outcome.Statistics is { } statistics)
            StatisticsReport.Write(Console.Error, statistics, format);
        return outcome.ExitCode;
    }

    private GuestOptions Options(ParseResult result, string[] words)
    {
        return new GuestOptions
        {
            Program = words[0],
            Arguments = words,
            Environment =
            [
                .. result.GetRequiredValue(_unset).Select(name => new EnvironmentChange(name, null)),
                .. result.GetRequiredValue(_set).Select(Assignment),
            ],
            Root = result.GetRequiredValue(_root),
            Tier = _execution.Tier(result),
            Extensions = result.GetValue(_isa) ?? LinuxOptions.DefaultExtensions,
            Observation = _execution.Observation(result),
            Monitor = _enclaves.Read(result),
            Tick = _enclaves.Tick(result),
            Cache = result.GetValue(_cache),
            Services = new EnclaveRuntimeOptions { Features = result.GetValue(_features)?.Value },
            Strace = result.GetValue(_strace),
            Runtime = result.GetValue(_runtime)?.Value ?? default,
            Metered = _execution.Statistics(result) != StatisticsFormat.None,
        };
    }

    private static EnvironmentChange Assignment(string text)
    {
        int end = text.IndexOf('=');
        return new EnvironmentChange(text[..end], text[(end + 1)..]);
    }

    private static void CheckAssignments(OptionResult result)
    {
        foreach (Token token in result.Tokens)
        {
            if (token.Value.IndexOf('=') <= 0)
                result.AddError($"--env {token.Value} is not NAME=VALUE; to remove a variable say --unset {token.Value}");
        }
    }
}
