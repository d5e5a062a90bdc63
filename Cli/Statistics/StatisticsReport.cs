using System.Text;
using System.Text.Json;
using RvJit.Cli.Commands;
using RvJit.Machine;

namespace RvJit.Cli.Statistics;

/// <summary>Prints <see cref="RunStatistics"/>: a table for people, or one line of JSON for programs.</summary>
public static class StatisticsReport
{
    public static void Write(TextWriter output, RunStatistics statistics, StatisticsFormat format)
    {
        switch (format)
        {
            case StatisticsFormat.Human:
                output.Write(Human(statistics));
                break;
            case StatisticsFormat.Json:
                output.WriteLine(Json(statistics));
                break;
        }

        output.Flush();
    }

    public static string Human(RunStatistics s)
    {
        var text = new StringBuilder("rvjit: counts\n");
        Line("exit code", $"{s.ExitCode}");
        Line("time", $"{s.Milliseconds:0.0} ms");
        Line("instructions", $"{s.Instructions:N0} on {Number(s.Harts, "hart")}");
        Line("speed", $"{s.Mips:0.0} MIPS");
        Line("regions", $"{s.Engine.RegionsCompiled:N0} of {s.Engine.RegionInstructions:N0} instructions, "
            + $"{s.Engine.IlBytes:N0} bytes of IL, {s.Engine.RegionsInvalidated:N0} invalidated, {s.Engine.RegionsForeseen:N0} foreseen");
        Line("checks", $"{s.Engine.FailedChecks:N0} failed in regions, {s.Engine.CarefulRegions:N0} regions replaced for it");
        Line("compile time", $"{s.Engine.CompileMilliseconds:0.0} ms");
        Table("traps", s.Traps);
        Table("transitions", [.. s.Transitions.Where(entry => entry.Value != 0)]);
        Line("edge calls", s.EdgeCalls.Count == 0 ? "0" : $"{s.EdgeCalls.Count:N0}, {Range(s.EdgeCalls)} transitions each");
        return text.ToString();

        void Line(string name, string value) => text.Append($"  {name,-14}{value}\n");

        void Table<TKey>(string name, IReadOnlyList<KeyValuePair<TKey, long>> rows)
        {
            Line(name, $"{rows.Sum(row => row.Value):N0}");
            foreach ((TKey key, long value) in rows)
                text.Append($"    {key,-30}{value,14:N0}\n");
        }
    }

    public static string Json(RunStatistics s)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("exitCode", s.ExitCode);
            json.WriteNumber("milliseconds", Math.Round(s.Milliseconds, 3));
            json.WriteNumber("instructions", s.Instructions);
            json.WriteNumber("mips", Math.Round(s.Mips, 3));
            json.WriteNumber("harts", s.Harts);
            json.WriteStartObject("regions");
            json.WriteNumber("compiled", s.Engine.RegionsCompiled);
            json.WriteNumber("instructions", s.Engine.RegionInstructions);
            json.WriteNumber("invalidated", s.Engine.RegionsInvalidated);
            json.WriteNumber("foreseen", s.Engine.RegionsForeseen);
            json.WriteNumber("failedChecks", s.Engine.FailedChecks);
            json.WriteNumber("careful", s.Engine.CarefulRegions);
            json.WriteNumber("ilBytes", s.Engine.IlBytes);
            json.WriteNumber("compileMilliseconds", Math.Round(s.Engine.CompileMilliseconds, 3));
            json.WriteEndObject();
            WriteCounts(json, "traps", s.Traps);
            WriteCounts(json, "transitions", s.Transitions);
            json.WriteStartObject("edgeCalls");
            json.WriteNumber("count", s.EdgeCalls.Count);
            json.WriteNumber("minimumTransitions", s.EdgeCalls.MinimumTransitions);
            json.WriteNumber("maximumTransitions", s.EdgeCalls.MaximumTransitions);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>"8" or "8 to 14".</summary>
    public static string Range(EdgeCallCounts calls) => calls.MinimumTransitions == calls.MaximumTransitions
        ? $"{calls.MinimumTransitions}"
        : $"{calls.MinimumTransitions} to {calls.MaximumTransitions}";

    public static string Number(long count, string thing) => $"{count:N0} {thing}{(count == 1 ? "" : "s")}";

    private static void WriteCounts<TKey>(Utf8JsonWriter json, string name, IReadOnlyList<KeyValuePair<TKey, long>> counts)
        where TKey : struct, Enum
    {
        json.WriteStartObject(name);
        foreach ((TKey key, long value) in counts)
            json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(key.ToString()), value);
        json.WriteEndObject();
    }
}
