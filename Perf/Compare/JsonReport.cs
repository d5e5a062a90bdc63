using System.Text.Json;

namespace RvJit.Perf.Compare;

/// <summary>The same comparison for programs, with every sample.</summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string Write(MachineFacts machine, Peers peers, CompareOptions options, IReadOnlyList<Row> rows) =>
        JsonSerializer.Serialize(
            new
            {
                machine,
                loadAfter = MachineFacts.LoadAverage(),
                peers = peers.Present.Select(peer => new { peer.Name, peer.About }),
                missing = peers.Missing,
                options.Runs,
                rows = rows.Select(row => new
                {
                    program = row.Program.Name,
                    row.Error,
                    measurements = row.Measurements.Select(m => new
                    {
                        m.Peer,
                        wallSeconds = m.Wall,
                        cpuSeconds = m.Cpu,
                        peakMiB = m.PeakMiB,
                        samples = m.Samples,
                    }),
                    ratios = Others(peers).ToDictionary(
                        peer => peer,
                        peer => new { cpu = row.Ratio(peer, m => m.Cpu), wall = row.Ratio(peer, m => m.Wall) }),
                }),
                geometricMeans = Others(peers).ToDictionary(
                    peer => peer,
                    peer => new
                    {
                        cpu = Comparison.GeometricMean(rows, peer, m => m.Cpu).Mean,
                        wall = Comparison.GeometricMean(rows, peer, m => m.Wall).Mean,
                        programs = Comparison.GeometricMean(rows, peer, m => m.Cpu).Count,
                    }),
            },
            _options) + "\n";

    private static IEnumerable<string> Others(Peers peers) => peers.Present.Skip(1).Select(peer => peer.Name);
}
