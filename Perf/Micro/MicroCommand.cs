using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using RvJit.Cli;
using RvJit.Perf.Compare;

namespace RvJit.Perf.Micro;

/// <summary>Runs micro-benchmarks in this process: nothing is generated or built, so it starts at once.</summary>
public static class MicroCommand
{
    private const int Warmups = 3;
    private const int Iterations = 10;

    private static readonly Type[] _benchmarks =
    [
        typeof(DecodeBenchmarks),
        typeof(ExecutionBenchmarks),
        typeof(BlockTransferBenchmarks),
        typeof(RegionBuildBenchmarks),
        typeof(EdgeCallBenchmarks),
    ];

    public static bool Run(string filter)
    {
        string pattern = filter.Contains('*') ? filter : $"*{filter}*";
        IConfig config = ManualConfig.CreateEmpty()
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(Warmups).WithIterationCount(Iterations))
            .AddFilter(new GlobFilter([pattern]))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddColumn(new InstructionRateColumn())
            .AddLogger(ConsoleLogger.Default)
            .AddExporter(MarkdownExporter.GitHub)
            .WithArtifactsPath(Path.Combine(new SourceTree().Root, "artifacts", "micro"))
            .WithOptions(ConfigOptions.JoinSummary);
        BenchmarkRunInfo[] chosen =
        [
            .. _benchmarks.Select(type => BenchmarkConverter.TypeToBenchmarks(type, config)).Where(info => info.BenchmarksCases.Length > 0),
        ];
        if (chosen.Length == 0)
            throw new BadInputException($"no micro-benchmark matches '{filter}'; '*' runs all");
        var machine = MachineFacts.Read();
        Console.WriteLine(machine.Describe());
        return BenchmarkRunner.Run(chosen).All(summary => summary.Reports.Length > 0 && summary.Reports.All(report => report.Success));
    }
}
