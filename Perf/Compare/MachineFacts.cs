using System.Runtime.InteropServices;

namespace RvJit.Perf.Compare;

/// <summary>Where and when: what a reader needs to judge the figures. No host name.</summary>
public sealed record MachineFacts(
    DateTime TimeUtc, string Processor, int Cores, double MemoryGiB, string System, string Runtime, double[] LoadBefore)
{
    /// <summary>Above this load per core the wall times say more about the others than about us.</summary>
    private const double BusyLoad = 0.25;

    public bool IsBusy => LoadBefore[0] > BusyLoad * Cores;

    public static MachineFacts Read() => new(
        DateTime.UtcNow,
        Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        double.Parse((Field("/proc/meminfo", "MemTotal") ?? "0 kB").Split(' ')[0]) / (1 << 20),
        $"{RuntimeInformation.OSDescription}, Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}",
        RuntimeInformation.FrameworkDescription,
        LoadAverage());

    public string Describe() =>
        $"machine: {Processor}, {Cores} cores, {MemoryGiB:0} GiB, {System}\n"
        + $"runtime: {Runtime}; {TimeUtc:yyyy-MM-dd HH:mm} UTC\n"
        + $"load before: {string.Join(' ', LoadBefore.Select(load => load.ToString("0.00")))}"
        + (IsBusy ? "\nNOTE: others use this machine. Read CPU ratios, roughly; do not quote wall times." : "");

    /// <summary>Of the last 1, 5 and 15 minutes.</summary>
    public static double[] LoadAverage() =>
        [.. File.ReadAllText("/proc/loadavg").Split(' ').Take(3).Select(double.Parse)];

    private static string? Field(string file, string name) => File.ReadLines(file)
        .Select(line => line.Split(':', 2))
        .FirstOrDefault(parts => parts.Length == 2 && parts[0].Trim() == name)?[1].Trim();
}
