using System.CommandLine;
using System.Globalization;
using RvJit.Cli.Bench;
using RvJit.Cli.Output;

namespace RvJit.Cli.Commands;

/// <summary><c>rvjit bench edgecalls [options]</c>: the experiment about edge calls, with the embedded guest programs.</summary>
public sealed class BenchCommand
{
    public const string Name = "bench";

    private const int MostPayload = 1 << 20, MostBatch = 256, MostCost = 10_000_000, MostRuns = 99;

    private readonly Option<bool> _quick = new("--quick")
    {
        Description = "Fewer cells and calls: under half a minute.",
        Arity = ArgumentArity.Zero,
    };

    private readonly Option<string> _html = File("--html", "Write the report with charts, one file that needs nothing else.");
    private readonly Option<string> _json = File("--json", "Write all figures.");
    private readonly Option<string> _csv = File("--csv", "Write a line for each cell.");

    private readonly Option<IReadOnlyList<string>?> _backends = Names("--backends", "Ways to call", EdgeCallCell.Backends, "all");
    private readonly Option<IReadOnlyList<string>?> _directions = Names("--directions", "Who calls", [.. Enum.GetValues<EdgeCallDirection>().Select(EdgeCallCell.NameOf)], "all");
    private readonly Option<IReadOnlyList<string>?> _runtimes = Names("--runtime", "Who is the enclave's S-mode", [.. Enum.GetValues<RuntimeChoice>().Select(EdgeCallCell.NameOf)], "all");
    private readonly Option<IReadOnlyList<int>?> _payloads = Numbers("--payloads", "Bytes of argument", 0, MostPayload);
    private readonly Option<IReadOnlyList<int>?> _batches = Numbers("--batches", "Calls shown and waited for at once", 1, MostBatch);
    private readonly Option<IReadOnlyList<int>?> _costs = Numbers("--costs", "Turns of the handler's empty loop", 0, MostCost);

    private readonly Option<IReadOnlyList<string>?> _replies = Names("--replies", "What answers carry", EdgeCallCell.Replies, "all; with --quick none");

    private readonly Option<bool> _oneProcessor = new("--one-processor")
    {
        Description = "Measure both sides on one shared processor, too (without --quick that is so anyway).",
        Arity = ArgumentArity.Zero,
    };

    private readonly Option<int?> _runs = Number("--runs", "Timed runs of each cell; medians are taken (default: 5).", MostRuns);
    private readonly Option<int?> _calls = Number("--calls", "Calls of a run (default: 100000, with --quick 5000; fewer where calls are dear).", int.MaxValue);
    private readonly ExecutionOptions _execution = new();

    public static Command Create() => new(Name, "Run an experiment and print its report.") { new BenchCommand().EdgeCalls() };

    private Command EdgeCalls()
    {
        var command = new Command("edgecalls", "Measure calls between an enclave and its host program, by every way there is; exit code 1 when a count is wrong.")
        {
            _quick, _html, _json, _csv, _backends, _directions, _runtimes, _payloads, _batches, _costs, _replies, _oneProcessor, _runs, _calls,
        };
        _execution.AddTierTo(command);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        (Option<string> Option, Func<EdgeCallReport, byte[]> Write)[] files = [(_html, EdgeCallHtml.Write), (_json, EdgeCallFiles.Json), (_csv, EdgeCallFiles.Csv)];
        foreach ((Option<string> option, _) in files)
        {
            if (result.GetValue(option) is { } path)
                OutputFile.Write(option.Name, path, []); // now, and not after minutes of work
        }

        EdgeCallReport report;
        try
        {
            report = EdgeCallBench.Run(Plan(result));
        }
        catch (StoppedException stopped)
        {
            return stopped.Code;
        }

        EdgeCallText.Write(Console.Out, report, Terminal.Colours && !Console.IsOutputRedirected);
        Console.Out.Flush();
        foreach ((Option<string> option, Func<EdgeCallReport, byte[]> write) in files)
        {
            if (result.GetValue(option) is { } path)
                OutputFile.Write(option.Name, path, write(report));
        }

        return report.Failed ? ExitCode.BenchFailed : ExitCode.Success;
    }

    private EdgeCallPlan Plan(ParseResult result)
    {
        bool quick = result.GetValue(_quick);
        return new EdgeCallPlan
        {
            Runtimes = result.GetValue(_runtimes) is { } runtimes ? Chosen<RuntimeChoice>(runtimes) : Enum.GetValues<RuntimeChoice>(),
            Backends = result.GetValue(_backends) ?? EdgeCallCell.Backends,
            Directions = result.GetValue(_directions) is { } directions ? Chosen<EdgeCallDirection>(directions) : Enum.GetValues<EdgeCallDirection>(),
            Payloads = result.GetValue(_payloads) ?? (quick ? [0, 64] : [0, 8, 24, 64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20]),
            Batches = result.GetValue(_batches) ?? (quick ? [1, 32] : [1, 2, 4, 8, 16, 32, 64, 128, 256]),
            Costs = result.GetValue(_costs) ?? (quick ? [0] : [0, 100, 10_000, 1_000_000]),
            Echoes = [.. (result.GetValue(_replies) ?? (quick ? EdgeCallCell.Replies.Take(1) : EdgeCallCell.Replies)).Select(reply => reply == EdgeCallCell.Echoed)],
            Sparse = quick,
            OneProcessor = !quick || result.GetValue(_oneProcessor),
            Runs = result.GetValue(_runs) ?? 5,
            Calls = result.GetValue(_calls) ?? (quick ? 5_000 : 100_000),
            Tier = _execution.Tier(result),
        };
    }

    private static T[] Chosen<T>(IReadOnlyList<string> names)
        where T : struct, Enum => [.. names.Select(name => Enum.Parse<T>(name, ignoreCase: true))];

    private static Option<string> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    private static Option<int?> Number(string name, string description, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => MachineValues.Number(result, 1, most),
    };

    private static Option<IReadOnlyList<string>?> Names(string name, string what, IReadOnlyList<string> known, string usual) => new(name)
    {
        Description = $"{what}: some of {string.Join(',', known)} (default: {usual}).",
        HelpName = "LIST",
        CustomParser = result =>
        {
            string[] words = result.Tokens[^1].Value.Split(',');
            if (Array.Find(words, word => !known.Contains(word)) is { } unknown)
                result.AddError($"{name} {Terminal.OneLine(result.Tokens[^1].Value)}: there is no '{Terminal.OneLine(unknown)}'; say some of {string.Join(',', known)}");
            return [.. words.Distinct()];
        },
    };

    private static Option<IReadOnlyList<int>?> Numbers(string name, string what, int least, int most) => new(name)
    {
        Description = $"{what}: a list of numbers from {least} to {most}, like {least},64.",
        HelpName = "LIST",
        CustomParser = result =>
        {
            var numbers = new List<int>();
            foreach (string word in result.Tokens[^1].Value.Split(','))
            {
                if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
                    numbers.Add(number);
                else
                    result.AddError($"{name} {Terminal.OneLine(result.Tokens[^1].Value)}: '{Terminal.OneLine(word)}' is not possible; say numbers from {least} to {most}, with commas between");
            }

            return [.. numbers.Distinct()];
        },
    };
}
