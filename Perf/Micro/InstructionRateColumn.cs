using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace RvJit.Perf.Micro;

/// <summary>Million guest instructions a second, for benchmarks whose operation is one guest instruction.</summary>
public sealed class InstructionRateColumn : IColumn
{
    public const string Category = "one guest instruction";

    public string Id => nameof(InstructionRateColumn);

    public string ColumnName => "MIPS";

    public string Legend => "Million guest instructions a second, where the operation is one guest instruction";

    public bool AlwaysShow => true;

    ColumnCategory IColumn.Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        benchmarkCase.Descriptor.HasCategory(Category) && summary[benchmarkCase]?.ResultStatistics is { Mean: > 0 } statistics
            ? (1000 / statistics.Mean).ToString("0")
            : "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
}
