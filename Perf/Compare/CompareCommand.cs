using RvJit.Cli;

namespace RvJit.Perf.Compare;

/// <summary>The command: prepares, measures, reports.</summary>
public sealed class CompareCommand(CompareOptions options)
{
    /// <summary>False when some row is an error.</summary>
    public bool Run()
    {
        MachineFacts machine = MachineFacts.Read(); // first: building the native twins is load, too
        var tree = new SourceTree();
        IReadOnlyList<GuestProgram> programs = ProgramSet.Select(options.Programs);
        foreach (string file in programs.Select(program => tree.Prebuilt(program.File)).Distinct())
        {
            if (!File.Exists(file))
                throw new BadInputException($"no {Tools.Relative(file, tree.Root)} in the source tree");
        }

        DirectoryInfo scratch = Directory.CreateTempSubdirectory("rvjit-perf-");
        try
        {
            Peers peers = Peers.Find(options, tree, programs, scratch.FullName);
            var report = new Report(machine, peers, options);
            report.PrintHead(Console.Out);
            var process = new MeasuredProcess(scratch.FullName, options.Timeout);
            var rows = new List<Row>();
            foreach (GuestProgram program in programs)
            {
                Row row = Comparison.Measure(program, peers.Present, options.Runs, (peer, p) => process.Run(peer.Command(p)));
                rows.Add(row);
                report.PrintRow(Console.Out, row);
            }

            report.PrintFoot(Console.Out, rows);
            if (options.JsonFile is { } file)
                File.WriteAllText(file, JsonReport.Write(machine, peers, options, rows));
            return rows.All(row => row.Error is null);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }
}
