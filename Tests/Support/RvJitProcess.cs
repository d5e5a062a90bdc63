using System.Diagnostics;
using System.Text;
using NUnit.Framework;

namespace RvJit.Tests.Support;

/// <summary>What one run of the executable left behind.</summary>
public sealed record RvJitResult(int ExitCode, string Output, string Error)
{
    public string[] ErrorLines => Error.Length == 0 ? [] : Error.TrimEnd('\n').Split('\n');

    public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}";
}

/// <summary>
/// Runs rvjit as a user does: another process, its streams and its exit code. The executable is the one built next
/// to the tests, or the one that RVJIT_EXECUTABLE names (CI points it at the published one).
/// </summary>
public sealed class RvJitProcess
{
    private static readonly TimeSpan _defaultTimeout = TimeSpan.FromSeconds(60);

    public static string Executable { get; } = Environment.GetEnvironmentVariable("RVJIT_EXECUTABLE") is { Length: > 0 } given
        ? given
        : Path.Combine(AppContext.BaseDirectory, "rvjit");

    /// <summary>What to run: rvjit, or a peer to compare it with.</summary>
    public string Program { get; init; } = Executable;

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public string Input { get; init; } = "";

    public string? WorkingDirectory { get; init; }

    public IReadOnlyDictionary<string, string?> Variables { get; init; } = new Dictionary<string, string?>();

    public TimeSpan Timeout { get; init; } = _defaultTimeout;

    public static RvJitResult Run(params string[] arguments) => new RvJitProcess { Arguments = arguments }.Run();

    public RvJitResult Run()
    {
        using Process process = Start();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(Input);
        process.StandardInput.Close();
        if (!process.WaitForExit(Timeout))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            Assert.Fail($"{Program} {string.Join(' ', Arguments)} hung for {Timeout.TotalSeconds} s\n{output.Result}\n{error.Result}");
        }

        return new RvJitResult(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Starts without waiting, for tests that talk to the process.</summary>
    public Process Start()
    {
        var start = new ProcessStartInfo(Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = WorkingDirectory ?? "",
        };
        foreach (string argument in Arguments)
            start.ArgumentList.Add(argument);
        foreach ((string name, string? value) in Variables)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"cannot start {Program}");
    }
}
