using System.Diagnostics;
using RvJit.Cli.Statistics;
using RvJit.Translator.Profiling;

namespace RvJit.Cli.Profiling;

/// <summary>The functions in which a guest spends its time, as a table.</summary>
public static class ProfileReport
{
    private const int MostFunctions = 20;

    private sealed class Row(GuestFunction function)
    {
        public GuestFunction Function => function;

        /// <summary>Ticks by <see cref="ExecutedBy"/>.</summary>
        public long[] Ticks { get; } = new long[3];

        public long AllTicks => Ticks.Sum();

        public ulong Instructions { get; set; }

        public long Steps { get; set; }

        public long Unlinked { get; set; }
    }

    public static void Write(TextWriter output, IReadOnlyList<HartProfile> harts, FunctionNames names)
    {
        var rows = new Dictionary<GuestFunction, Row>();
        foreach (ProfileSample sample in harts.SelectMany(hart => hart.Samples))
        {
            Row row = Of(sample.Place, sample.Pc);
            row.Ticks[(int)sample.By] += sample.Ticks;
            row.Instructions += sample.Instructions;
        }

        foreach ((ProfileExit exit, long count) in harts.SelectMany(hart => hart.Exits))
        {
            Row row = Of(exit.Place, exit.Pc);
            if (exit.Reason == ExitReason.Step)
                row.Steps += count;
            else
                row.Unlinked += count;
        }

        long samples = harts.Sum(hart => (long)hart.Samples.Count);
        long all = Math.Max(1, rows.Values.Sum(row => row.AllTicks));
        int running = harts.Count(hart => hart.Samples.Count > 0);
        output.Write($"rvjit: profile: {StatisticsReport.Number(samples, "sample")} in {Milliseconds(all):N0} ms of guest code on {StatisticsReport.Number(running, "hart")}\n");
        output.Write($"  {"time",7}{"ms",9}{"instructions",17}{"region",8}{"interp",8}{"other",7}{"steps",12}{"unlinked",12}  function\n");
        foreach (Row row in rows.Values.Where(row => row.AllTicks > 0).OrderByDescending(row => row.AllTicks).Take(MostFunctions))
        {
            output.Write($"  {Share(row.AllTicks, all, 1),7}{Milliseconds(row.AllTicks),9:N0}{row.Instructions,17:N0}");
            output.Write($"{Part(row, ExecutedBy.Region),8}{Part(row, ExecutedBy.Interpreter),8}{Part(row, ExecutedBy.Dispatcher),7}");
            output.Write($"{row.Steps,12:N0}{row.Unlinked,12:N0}  {row.Function.Name} ({row.Function.File})\n");
        }

        output.Flush();

        Row Of(string place, ulong pc)
        {
            GuestFunction function = names.At(place, pc).Function;
            if (!rows.TryGetValue(function, out Row? row))
                rows.Add(function, row = new Row(function));
            return row;
        }
    }

    private static string Part(Row row, ExecutedBy by) => Share(row.Ticks[(int)by], row.AllTicks, 0);

    private static string Share(long part, long all, int digits) => ((double)part / all).ToString($"P{digits}").Replace(" ", "");

    private static double Milliseconds(long ticks) => Stopwatch.GetElapsedTime(0, ticks).TotalMilliseconds;
}
