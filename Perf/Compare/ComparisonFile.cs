using System.Text.Json;
using System.Text.Json.Serialization;
using RvJit.Cli;

namespace RvJit.Perf.Compare;

/// <summary>A comparison for programs, with every sample: what <c>--json</c> writes and <c>--baseline</c> reads.</summary>
public sealed record ComparisonFile(
    string Format,
    MachineFacts Machine,
    double[] LoadAfter,
    IReadOnlyList<ComparisonFile.PeerEntry> Peers,
    IReadOnlyList<string> Missing,
    int Runs,
    IReadOnlyList<ComparisonFile.RowEntry> Rows,
    IReadOnlyList<Mean> Means)
{
    private const string ThisFormat = "rvjit-compare 1";

    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    public sealed record PeerEntry(string Name, string About);

    /// <param name="Ratios">By peer.</param>
    public sealed record RowEntry(
        string Program,
        ProgramGroup Group,
        IReadOnlyList<string> Arguments,
        string? Error,
        IReadOnlyList<Measurement> Measurements,
        IReadOnlyDictionary<string, RatioEntry> Ratios);

    /// <summary>rvjit over the peer: below 1 rvjit needs less. Null where the row says nothing.</summary>
    public sealed record RatioEntry(double? Cpu, double? Wall);

    public static ComparisonFile Of(
        MachineFacts machine, IReadOnlyList<Peer> peers, IReadOnlyList<string> missing, int runs, IReadOnlyList<Row> rows)
    {
        string[] others = [.. peers.Select(peer => peer.Name).Where(name => name != Peer.RvJit)];
        return new ComparisonFile(
            ThisFormat,
            machine,
            MachineFacts.LoadAverage(),
            [.. peers.Select(peer => new PeerEntry(peer.Name, peer.About))],
            missing,
            runs,
            [.. rows.Select(row => new RowEntry(
                row.Program.Name,
                row.Program.Group,
                row.Program.Arguments,
                row.Error,
                row.Measurements,
                others.ToDictionary(peer => peer, peer => new RatioEntry(row.Ratio(peer, m => m.Cpu), row.Ratio(peer, m => m.Wall)))))],
            Compare.Means.Of(rows, others));
    }

    public string ToJson() => JsonSerializer.Serialize(this, _options) + "\n";

    /// <summary>Refuses what is not such a file, in one line that names it.</summary>
    public static ComparisonFile Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            ComparisonFile file = JsonSerializer.Deserialize<ComparisonFile>(stream, _options)
                ?? throw new JsonException("it is null");
            if (file.Format != ThisFormat)
                throw new JsonException($"its format is '{file.Format}'");
            if (file.Ratios().Any(ratio => !double.IsFinite(ratio) || ratio <= 0))
                throw new JsonException("a ratio in it is not positive");
            return file;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new BadInputException($"{path} was not written by compare --json ({ThisFormat}): {error.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"cannot read {path}: {error.Message}");
        }
    }

    private IEnumerable<double> Ratios() =>
        Rows.SelectMany(row => row.Ratios.Values).SelectMany(ratio => new[] { ratio.Cpu, ratio.Wall })
            .Concat(Means.SelectMany(mean => new[] { mean.Cpu, mean.Wall }))
            .OfType<double>();
}
