using System.Diagnostics;

namespace RvJit.Perf.Compare;

/// <summary>Programs of the machine: finding them and asking them things; nothing here is measured.</summary>
public static class Tools
{
    /// <summary>Full path of a program named by path or found in PATH; null when there is none.</summary>
    public static string? Find(string name)
    {
        if (name.Contains('/'))
            return File.Exists(name) ? Path.GetFullPath(name) : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>First line of what <c>--version</c> prints.</summary>
    public static string VersionOf(string program)
    {
        (int code, string output, _) = Ask(program, "--version");
        return code == 0 ? Cli.Output.Terminal.OneLine(output.Split('\n')[0]) : "version not known";
    }

    public static (int ExitCode, string Output, string Error) Ask(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        try
        {
            using Process process = Process.Start(start) ?? throw new IOException($"cannot start {program}");
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.Result);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new IOException(error.Message, error);
        }
    }

    /// <summary>Paths below the source tree are shown without it, so that a report names nobody's directories.</summary>
    public static string Relative(string path, string root) =>
        path.StartsWith(root + '/', StringComparison.Ordinal) ? path[(root.Length + 1)..] : Path.GetFileName(path);
}
