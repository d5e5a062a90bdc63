using System.CommandLine;
using System.Reflection;
using RvJit.Cli.Commands;
using RvJit.Cli.Output;

namespace RvJit.Cli;

/// <summary>The command line of rvjit: its commands, and the outermost catch.</summary>
public static class CommandLine
{
    private const string DebugErrors = "--debug-errors";

    private static readonly string[] _commands =
        [
            RunCommand.Name, EnclaveCommand.Name, MachineCommand.Name, DemoCommand.Name, MeasureCommand.Name, AttestCommand.Name,
            DisasmCommand.Name, IsaCommand.Name, BenchCommand.Name,
        ];

    /// <summary>Nothing is read from response files, and short options are never bundled.</summary>
    private static readonly ParserConfiguration _parsing = new()
    {
        EnablePosixBundling = false,
        ResponseFileTokenReplacer = null,
    };

    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static int Run(string[] args)
    {
        bool debug = false;
        AppDomain.CurrentDomain.UnhandledException += (_, e) => Environment.Exit(Answer((Exception)e.ExceptionObject, debug));
        try
        {
            RootCommand root = Build(args);
            ParseResult result = root.Parse(WordOrder.MarkGuest(root, args), _parsing);
            debug = result.GetValue<bool>(DebugErrors);
            if (ParseFailure.Describe(result) is { } failure)
                throw new BadInputException(failure);
            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error)
        {
            return Answer(error, debug);
        }
    }

    /// <summary>The command that the line names, or all when it names none: making one takes a millisecond of start-up.</summary>
    private static RootCommand Build(string[] words)
    {
        var root = new RootCommand("Runs RISC-V Linux programs and Keystone enclaves by translating them to native code.");
        string? named = Array.Find(words, word => Array.IndexOf(_commands, word) >= 0);
        foreach (string command in _commands)
        {
            if (named is null || command == named)
                root.Add(Create(command));
        }

        root.Directives.Clear();
        root.Add(new Option<bool>(DebugErrors)
        {
            Description = "Show the .NET exception behind an internal error.",
            Recursive = true,
            Arity = ArgumentArity.Zero,
        });
        HelpText.Install(root);
        return root;
    }

    private static Command Create(string command) => command switch
    {
        RunCommand.Name => RunCommand.Create(),
        EnclaveCommand.Name => EnclaveCommand.Create(),
        MachineCommand.Name => MachineCommand.Create(),
        DemoCommand.Name => DemoCommand.Create(),
        MeasureCommand.Name => MeasureCommand.Create(),
        AttestCommand.Name => AttestCommand.Create(),
        DisasmCommand.Name => DisasmCommand.Create(),
        BenchCommand.Name => BenchCommand.Create(),
        _ => IsaCommand.Create(),
    };

    private static int Answer(Exception error, bool debug)
    {
        switch (error)
        {
            case BadInputException:
                Terminal.Error(error.Message);
                return ExitCode.BadInput;
            case IOException when StandardOutput.IsBrokenPipe(error):
                return ExitCode.BrokenPipe;
            default:
                Terminal.Error($"internal error: {error.GetType().Name}: {error.Message} "
                    + (debug ? "" : $"(please report it; {DebugErrors} before the command shows where)"));
                if (debug)
                    Console.Error.WriteLine(error);
                return ExitCode.BadInput;
        }
    }
}
