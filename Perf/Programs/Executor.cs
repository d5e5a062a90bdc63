using System.Diagnostics;

namespace RvJit.Perf.Programs;

/// <summary>One way to run a guest program: a command that the program's path and arguments are appended to.</summary>
public sealed record Executor(string Name, string Command, IReadOnlyList<string> Options)
{
    /// <summary>The ones on this machine: RvJit's tiers, and qemu's user mode as the peer where it is installed.</summary>
    public static IReadOnlyList<Executor> All()
    {
        string rvjit = Path.Combine(AppContext.BaseDirectory, "rvjit");
        List<Executor> all =
        [
            new("rvjit interp", rvjit, ["run", "--tier=interp"]),
            new("rvjit auto", rvjit, ["run"]),
        ];
        if (FindOnPath("qemu-riscv64") is { } qemu)
            all.Add(new("qemu-user", qemu, []));
        return all;
    }

    /// <summary>Wall-clock time of one run from start to end; throws when the program fails.</summary>
    public (TimeSpan Time, string Output) Measure(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Command) { RedirectStandardOutput = true };
        foreach (string word in (string[])[.. Options, program, .. arguments])
            start.ArgumentList.Add(word);
        var watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        watch.Stop();
        return process.ExitCode == 0
            ? (watch.Elapsed, output)
            : throw new InvalidOperationException($"{Name}: {program} ended with {process.ExitCode}");
    }

    private static string? FindOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);
}
