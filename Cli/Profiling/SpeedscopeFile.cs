using System.Diagnostics;
using System.Text.Json;
using RvJit.Translator.Profiling;

namespace RvJit.Cli.Profiling;

/// <summary>
/// Samples as a file for https://www.speedscope.app: one profile a hart, in the order of time. What is known of the guest's
/// stack is where it was: the function, and the address in it.
/// </summary>
public static class SpeedscopeFile
{
    private const string Schema = "https://www.speedscope.app/file-format-schema.json";

    public static void Write(Stream output, string program, IReadOnlyList<HartProfile> harts, FunctionNames names)
    {
        var frames = new List<(string Name, string File)>();
        var numbers = new Dictionary<(string Name, string File), int>();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("$schema", Schema);
        json.WriteString("exporter", $"rvjit {CommandLine.Version}");
        json.WriteString("name", program);
        json.WriteStartArray("profiles");
        foreach (HartProfile hart in harts.Where(hart => hart.Samples.Count > 0))
            WriteHart(hart);
        json.WriteEndArray();
        json.WriteStartObject("shared");
        json.WriteStartArray("frames");
        foreach ((string name, string file) in frames)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("file", file);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();

        void WriteHart(HartProfile hart)
        {
            json.WriteStartObject();
            json.WriteString("type", "sampled");
            json.WriteString("name", $"hart {hart.Id}");
            json.WriteString("unit", "milliseconds");
            json.WriteNumber("startValue", 0);
            json.WriteNumber("endValue", hart.Samples.Sum(sample => Milliseconds(sample.Ticks)));
            json.WriteStartArray("samples");
            foreach (ProfileSample sample in hart.Samples)
            {
                (GuestFunction function, string address) = names.At(sample.Place, sample.Pc);
                json.WriteStartArray();
                json.WriteNumberValue(Number((function.Name, function.File)));
                json.WriteNumberValue(Number((address == function.Name ? $"{address}+0x0" : address, function.File)));
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteStartArray("weights");
            foreach (ProfileSample sample in hart.Samples)
                json.WriteNumberValue(Milliseconds(sample.Ticks));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        int Number((string, string) frame)
        {
            if (!numbers.TryGetValue(frame, out int number))
            {
                numbers.Add(frame, number = frames.Count);
                frames.Add(frame);
            }

            return number;
        }
    }

    private static double Milliseconds(long ticks) => Math.Round(Stopwatch.GetElapsedTime(0, ticks).TotalMilliseconds, 3);
}
