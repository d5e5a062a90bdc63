namespace RvJit.Perf.Programs;

/// <summary>
/// Runs the kernels of Guest/Programs under each executor in turn and prints one row a kernel. The best of several
/// runs counts: other work on the machine only ever adds time. Outputs must agree.
/// </summary>
public static class ProgramComparison
{
    private const int Runs = 3;

    public static int Run(IReadOnlyList<string> names, TextWriter output)
    {
        string kernels = Path.Combine(FindRoot(), "Guest", "Programs", "prebuilt", "kernels");
        IReadOnlyList<Executor> executors = Executor.All();
        string[] chosen = names.Count > 0 ? [.. names] : List(kernels, executors[0]);
        output.WriteLine($"| kernel | {string.Join(" | ", executors.Select(executor => executor.Name))} |");
        output.WriteLine($"|---{string.Concat(executors.Select(_ => "|---"))}|");
        foreach (string kernel in chosen)
        {
            string? reference = null;
            output.Write($"| {kernel} ");
            foreach (Executor executor in executors)
            {
                TimeSpan best = TimeSpan.MaxValue;
                for (int run = 0; run < Runs; run++)
                {
                    (TimeSpan time, string printed) = executor.Measure(kernels, [kernel]);
                    reference ??= printed;
                    if (printed != reference)
                        throw new InvalidOperationException($"{kernel} under {executor.Name} printed '{printed}' instead of '{reference}'");
                    best = time < best ? time : best;
                }

                output.Write($"| {best.TotalSeconds:0.000} s ");
            }

            output.WriteLine("|");
        }

        return 0;
    }

    private static string[] List(string kernels, Executor executor) =>
        executor.Measure(kernels, ["list"]).Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "RvJit.sln")))
                return at.FullName;
        }

        throw new InvalidOperationException("run this from a build inside the source tree");
    }
}
