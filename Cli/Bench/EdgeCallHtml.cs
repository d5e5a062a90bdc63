using System.Net;
using System.Text;
using RvJit.Cli.Commands;

namespace RvJit.Cli.Bench;

/// <summary>The report as one HTML file that needs nothing else: no script, no font, no network.</summary>
public static class EdgeCallHtml
{
    private const string Style = """
        body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:76em;padding:0 1em;color:#222;background:#fff}
        table{border-collapse:collapse;font-size:13px;margin:1em 0;font-variant-numeric:tabular-nums}
        th,td{padding:2px 8px;border-bottom:1px solid #ddd;text-align:right;white-space:nowrap}
        th{background:#f4f4f4;position:sticky;top:0}td.t,th.t{text-align:left;white-space:normal}
        .met{color:#148f77;font-weight:600}.notMet{color:#c0392b;font-weight:600}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(26em,1fr));gap:1em}
        figure{margin:0}figcaption{font-weight:600}svg{width:100%;height:auto}svg text{font-size:11px;fill:#444}
        .grid{stroke:#ddd}.legend{font-size:13px;margin:.2em 0}.wide{overflow-x:auto}
        """;

    public static byte[] Write(EdgeCallReport report)
    {
        var html = new StringBuilder();
        html.Append($"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>rvjit bench edgecalls</title><style>\n{Style}\n</style></head><body>\n");
        html.Append($"<h1>Edge calls</h1>\n<p>{Text(EdgeCallReport.Machine)}. Median of {report.Plan.Runs} runs of up to {report.Plan.Calls:N0} calls, all cells in turns.</p>\n");
        Claims(html, report);
        foreach (RuntimeChoice runtime in report.Plan.Runtimes)
        {
            foreach (EdgeCallDirection direction in report.Plan.Directions)
                Charts(html, report, runtime, direction);
        }

        Cells(html, report);
        Model(html, report);
        html.Append("</body></html>\n");
        return Encoding.UTF8.GetBytes(html.ToString());
    }

    private static void Claims(StringBuilder html, EdgeCallReport report)
    {
        html.Append("<h2>Claims</h2>\n<table><tr><th class=\"t\">verdict</th><th class=\"t\">claim</th><th class=\"t\">measured</th></tr>\n");
        foreach (EdgeCallClaim claim in report.Claims)
        {
            string kind = claim.Verdict == Verdict.Met ? "met" : claim.Verdict == Verdict.NotMet ? "notMet" : "none";
            html.Append($"<tr><td class=\"t {kind}\">{EdgeCallText.Word(claim.Verdict)}</td><td class=\"t\">{Text(claim.Text)}</td><td class=\"t\">{Text(claim.Figures)}</td></tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void Charts(StringBuilder html, EdgeCallReport report, RuntimeChoice runtime, EdgeCallDirection direction)
    {
        EdgeCallResult[] either = [.. report.Results.Where(r => r.IsMeasured && r.Cell.Runtime == runtime && r.Cell.Direction == direction && r.Cell is { OneProcessor: false, BusyServer: false })];
        if (either.Length == 0)
            return;
        EdgeCallResult[] all = [.. either.Where(r => r.Cell.Echo == either[0].Cell.Echo)], echoed = [.. either.Except(all)];
        int batch = all.Min(r => r.Cell.Batch);
        long cost = all.Min(r => r.Cell.Cost);
        EdgeCallResult[] payloads = [.. all.Where(r => r.Cell.Batch == batch && r.Cell.Cost == cost)];
        int payload = all.GroupBy(r => r.Cell.Payload).MaxBy(group => group.Count())!.Key;
        EdgeCallResult[] start = [.. payloads.Where(r => r.Cell.Payload == payload)];
        html.Append($"<h2>{direction}, {EdgeCallCell.NameOf(runtime)} runtime</h2>\n<div class=\"charts\">\n");
        html.Append(SvgChart.Bars($"Latency, {payload} bytes", "ns",
            [.. start.Select(r => new ChartSeries(r.Cell.Backend,
            [
                .. EdgeCallColumns.All.Where(column => column.Key[0] == 'p' && char.IsDigit(column.Key[1]))
                    .Where(column => column.Of(r) is not null).Select(column => (column.Head, column.Of(r)!.Value)),
            ]))]));
        html.Append(SvgChart.Lines("Time of a call by payload", "ns", Series(payloads, cell => cell.Payload, r => r.Nanoseconds)));
        if (echoed.Length > 0)
            html.Append(SvgChart.Lines("Time of a call by payload, brought back by the answer", "ns", Series(echoed, cell => cell.Payload, r => r.Nanoseconds)));
        html.Append(SvgChart.Lines("Throughput by payload", "MiB/s", Series(payloads, cell => cell.Payload, r => r.MebibytesPerSecond)));
        html.Append(SvgChart.Lines("Throughput by batch", "calls/s",
            Series([.. all.Where(r => EdgeCallCell.HasBatches(r.Cell.Backend) && r.Cell.Payload == payload && r.Cell.Cost == cost)], cell => cell.Batch, r => r.CallsPerSecond)));
        html.Append(SvgChart.Lines("Time of a call by the handler's work", "ns",
            Series([.. all.Where(r => r.Cell.Batch == batch && r.Cell.Payload == payload)], cell => cell.Cost, r => r.Nanoseconds)));
        html.Append(SvgChart.Bars($"Privilege transitions, doorbells and interrupts of a call, {payload} bytes (none is no bar)", "a call",
            [.. start.Select(r => new ChartSeries(r.Cell.Backend, [("transitions", r.Transitions), ("doorbells", r.Doorbells), ("user interrupts", r.Interrupts), ("fallbacks", r.Fallbacks)]))]));
        html.Append(SvgChart.Bars($"Instructions of a call, waiting included, {payload} bytes", "instructions",
            [.. start.Select(r => new ChartSeries(r.Cell.Backend,
                [("caller", r.CallerInstructions), ("server", r.ServerInstructions ?? 0), ("modelled", r.ModelledInstructions)]))]));
        html.Append(SvgChart.Bars($"Looks at an empty ring, {payload} bytes", "a call",
            [.. start.Select(r => new ChartSeries(r.Cell.Backend, [("idle turns", r.IdleTurns)]))]));
        html.Append("</div>\n");
    }

    private static ChartSeries[] Series(EdgeCallResult[] results, Func<EdgeCallCell, long> x, Func<EdgeCallResult, double> y) =>
    [
        .. results.GroupBy(r => r.Cell.Backend)
            .Select(group => new ChartSeries(group.Key, [.. group.OrderBy(r => x(r.Cell)).Select(r => ($"{x(r.Cell)}", y(r)))])),
    ];

    private static void Cells(StringBuilder html, EdgeCallReport report)
    {
        html.Append("<h2>Cells</h2>\n<div class=\"wide\"><table><tr>");
        foreach ((_, string head, _) in EdgeCallColumns.Names)
            html.Append($"<th>{head}</th>");
        foreach (EdgeCallColumn column in EdgeCallColumns.All)
            html.Append($"<th title=\"{Text(column.Meaning)}\">{Text(column.Head)}</th>");
        html.Append("</tr>\n");
        foreach (EdgeCallResult result in report.Results)
        {
            html.Append("<tr>");
            foreach ((_, _, Func<EdgeCallCell, string> of) in EdgeCallColumns.Names)
                html.Append($"<td>{Text(of(result.Cell))}</td>");
            if (EdgeCallColumns.Absence(result) is { } absence)
                html.Append($"<td class=\"t\" colspan=\"{EdgeCallColumns.All.Count}\">{Text(absence)}</td>");
            else
                html.AppendJoin("", EdgeCallColumns.All.Select(column => $"<td>{Text(column.Text(result))}</td>"));
            html.Append("</tr>\n");
        }

        html.Append("</table></div>\n<dl>");
        foreach (EdgeCallColumn column in EdgeCallColumns.All)
            html.Append($"<dt><b>{Text(column.Head)}</b></dt><dd>{Text(column.Meaning)}</dd>");
        html.Append("</dl>\n");
    }

    private static void Model(StringBuilder html, EdgeCallReport report)
    {
        html.Append("<h2>Instructions of the library</h2>\n<p>One asynchronous call without waiting: both sides in one thread, one after the other.</p>\n");
        html.Append("<table><tr><th>bytes</th><th>batch</th><th>submit</th><th>serve</th><th>reap</th><th>call</th></tr>\n");
        foreach (CallCost cost in report.Costs)
            html.Append($"<tr><td>{cost.Payload}</td><td>{cost.Batch}</td><td>{cost.Submit}</td><td>{cost.Serve}</td><td>{cost.Reap}</td><td>{cost.Call}</td></tr>\n");
        html.Append("</table>\n<h2>Instructions that native services stand for</h2>\n<table><tr><th>instructions</th><th class=\"t\">at each</th><th class=\"t\">what</th><th class=\"t\">source</th></tr>\n");
        foreach (ModelledService service in ServiceModel.Services)
        {
            string only = service.OfRuntime ? " (only where the runtime is native)" : "";
            html.Append($"<tr><td>{service.Instructions}</td><td class=\"t\">{service.On}</td><td class=\"t\">{Text(service.Name)}{only}</td><td class=\"t\">{Text(service.Source)}</td></tr>\n");
        }

        html.Append("</table>\n");
    }

    private static string Text(string words) => WebUtility.HtmlEncode(words);
}
