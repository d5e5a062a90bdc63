using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace RvJit.Perf.Compare;

/// <summary>
/// The guest programs compiled for this machine from the same sources. The flags are the guest's (-O2), with fused
/// multiply-add where the processor has it: RISC-V's compiler fuses, and only then do both compute the same digits.
/// </summary>
public sealed class NativeTwins(string compiler, SourceTree tree, string directory)
{
    private static readonly string[] _flags = ["-std=gnu11", "-O2", "-fno-math-errno", "-pthread", .. Fused()];

    private string _linking = "-static";

    public string About => $"{Tools.VersionOf(compiler)}, {string.Join(' ', _flags)} {_linking}".TrimEnd();

    public string PathOf(string file) => Path.Combine(directory, file);

    /// <summary>Null when all were built, else the reason in one line.</summary>
    public string? Build(IEnumerable<string> files)
    {
        Directory.CreateDirectory(directory);
        foreach (string file in files)
        {
            string? failure = Compile(file, _linking);
            if (failure is not null && _linking.Length > 0)
            {
                // No static C library here: a dynamic twin starts slower and computes the same.
                _linking = "";
                failure = Compile(file, _linking);
            }

            if (failure is not null)
                return $"gcc cannot build {file}: {failure}";
        }

        return null;
    }

    private string? Compile(string file, string linking)
    {
        (int code, _, string error) = Tools.Ask(
            compiler, [.. _flags, .. linking.Length == 0 ? Array.Empty<string>() : [linking], "-o", PathOf(file), .. tree.Sources(file)]);
        if (code == 0)
            return null;
        string[] lines = error.Split('\n');
        return Cli.Output.Terminal.OneLine(lines.FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? lines[0]);
    }

    private static string[] Fused() =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64 && Fma.IsSupported ? ["-mfma", "-mprefer-vector-width=128"] : [];
}
