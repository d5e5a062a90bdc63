using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RvJit.Cli.Bench;

/// <summary>The report for programs: JSON with everything, CSV with a line for each cell.</summary>
public static class EdgeCallFiles
{
    public static byte[] Json(EdgeCallReport report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("machine", EdgeCallReport.Machine);
            json.WriteNumber("runs", report.Plan.Runs);
            json.WriteNumber("calls", report.Plan.Calls);
            json.WriteStartArray("cells");
            foreach (EdgeCallResult result in report.Results)
                WriteCell(json, result);
            json.WriteEndArray();
            json.WriteStartArray("libraryInstructions");
            foreach (CallCost cost in report.Costs)
            {
                json.WriteStartObject();
                json.WriteNumber("payload", cost.Payload);
                json.WriteNumber("batch", cost.Batch);
                json.WriteNumber("submit", cost.Submit);
                json.WriteNumber("serve", cost.Serve);
                json.WriteNumber("reap", cost.Reap);
                json.WriteNumber("call", cost.Call);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("modelledServices");
            foreach (ModelledService service in ServiceModel.Services)
            {
                json.WriteStartObject();
                json.WriteString("name", service.Name);
                json.WriteString("transition", Name(service.On));
                json.WriteNumber("instructions", service.Instructions);
                json.WriteBoolean("ofRuntime", service.OfRuntime);
                json.WriteString("source", service.Source);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("claims");
            foreach (EdgeCallClaim claim in report.Claims)
            {
                json.WriteStartObject();
                json.WriteString("text", claim.Text);
                json.WriteString("verdict", JsonNamingPolicy.CamelCase.ConvertName(claim.Verdict.ToString()));
                json.WriteString("figures", claim.Figures);
                json.WriteBoolean("exact", claim.IsExact);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteBoolean("failed", report.Failed);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    public static byte[] Csv(EdgeCallReport report)
    {
        var text = new StringBuilder();
        Line(
        [
            .. EdgeCallColumns.Names.Select(name => name.Key), "absence",
            .. EdgeCallColumns.All.Select(column => column.Key), .. EdgeCallColumns.Kinds.Select(Name),
        ]);
        foreach (EdgeCallResult result in report.Results)
        {
            IEnumerable<string> figures = result.IsMeasured
                ? [.. EdgeCallColumns.All.Select(column => Number(column.Of(result))), .. result.TransitionsByKind.Select(count => Number(count))]
                : Enumerable.Repeat("", EdgeCallColumns.All.Count + EdgeCallColumns.Kinds.Count);
            Line([.. EdgeCallColumns.Names.Select(name => name.Of(result.Cell)), EdgeCallColumns.Absence(result) ?? "", .. figures]);
        }

        return Encoding.UTF8.GetBytes(text.ToString());

        void Line(IEnumerable<string> words) => text.AppendJoin(',', words.Select(Quote)).Append('\n');
    }

    private static void WriteCell(Utf8JsonWriter json, EdgeCallResult result)
    {
        EdgeCallCell cell = result.Cell;
        json.WriteStartObject();
        json.WriteString("runtime", cell.RuntimeName);
        json.WriteString("direction", cell.DirectionName);
        json.WriteString("backend", cell.Backend);
        json.WriteNumber("payload", cell.Payload);
        json.WriteNumber("batch", cell.Batch);
        json.WriteNumber("cost", cell.Cost);
        json.WriteString("reply", cell.Reply);
        json.WriteBoolean("busyServer", cell.BusyServer);
        json.WriteBoolean("oneProcessor", cell.OneProcessor);
        if (EdgeCallColumns.Absence(result) is { } absence)
        {
            json.WriteString("absence", absence);
        }
        else
        {
            json.WriteNumber("calls", result.Counted.Calls);
            foreach (EdgeCallColumn column in EdgeCallColumns.All)
            {
                if (column.Of(result) is { } value)
                    json.WriteNumber(column.Key, Math.Round(value, 6));
                else
                    json.WriteNull(column.Key);
            }

            json.WriteStartObject("transitionsByKind");
            foreach ((RvJit.Machine.TransitionKind kind, double count) in EdgeCallColumns.Kinds.Zip(result.TransitionsByKind))
                json.WriteNumber(Name(kind), Math.Round(count, 6));
            json.WriteEndObject();
            json.WriteStartArray("times");
            foreach (double time in result.Times)
                json.WriteNumberValue(Math.Round(time, 3));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static string Name(RvJit.Machine.TransitionKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    private static string Number(double? value) => value is { } number ? Math.Round(number, 6).ToString(CultureInfo.InvariantCulture) : "";

    private static string Quote(string word) =>
        word.AsSpan().ContainsAny(",\"\n\r") ? $"\"{word.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : word;
}
