using RvJit.Cli;

namespace RvJit.Perf.Compare;

/// <summary>The command: prepares, measures, reports, and holds the result to a baseline.</summary>
public sealed class CompareCommand(CompareOptions options)
{
    /// <summary>False when some row is an error, or worse than the baseline allows.</summary>
    public bool Run()
    {
        MachineFacts machine = MachineFacts.Read(); // first: building the native twins is load, too
        var tree = new SourceTree();
        GuestProgram[] programs = [.. ProgramSet.Select(options.Programs).OrderBy(program => program.Group)];
        foreach (string file in programs.Select(program => tree.Prebuilt(program.File)).Distinct())
        {
            if (!File.Exists(file))
                throw new BadInputException($"no {Tools.Relative(file, tree.Root)} in the source tree");
        }

        Baseline? baseline = options.Baseline is { } path ? new Baseline(ComparisonFile.Read(path)) : null;
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("rvjit-perf-");
        try
        {
            Peers peers = Peers.Find(options, tree, programs, scratch.FullName);
            baseline?.Check(programs, peers.Present.Select(peer => peer.Name));
            var report = new Report(machine, peers, options);
            report.PrintHead(Console.Out);
            Row[] rows = [.. Measure(programs, peers.Present, scratch.FullName, report)];
            ComparisonFile result = ComparisonFile.Of(machine, peers.Present, peers.Missing, options.Runs, rows);
            report.PrintFoot(Console.Out, rows, result.Means);
            if (options.JsonFile is { } file)
                File.WriteAllText(file, result.ToJson());
            bool holds = baseline is null || report.PrintChanges(Console.Out, baseline.Changes(result));
            return holds && rows.All(row => row.Error is null);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private IEnumerable<Row> Measure(GuestProgram[] programs, IReadOnlyList<Peer> peers, string scratch, Report report)
    {
        var process = new MeasuredProcess(scratch, options.Timeout);
        var progress = Progress.OnTerminal(programs.Length, options.Runs);
        for (int i = 0; i < programs.Length; i++)
        {
            int index = i;
            Row row = Comparison.Measure(programs[i], peers, options.Runs, (peer, program, round) =>
            {
                progress.Show(index, program.Name, round, peer.Name);
                return process.Run(peer.Command(program));
            });
            progress.Clear();
            report.PrintRow(Console.Out, row);
            yield return row;
        }
    }
}
