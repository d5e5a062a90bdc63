using System.Globalization;
using RvJit.Cli;

namespace RvJit.Perf.Compare;

/// <summary>
/// The programs that are compared. Repeats are chosen so that qemu works for two seconds or more and rvjit for one or
/// more; those of short programs so that qemu takes about a tenth of a second.
/// </summary>
public static class ProgramSet
{
    public const string KernelsFile = "kernels";
    public const string OneThread = "threads1";
    public const string TwoThreads = "threads2";

    private const int MostRepeats = 1_000_000_000;

    /// <summary>Everything, in the order of the table.</summary>
    public static IReadOnlyList<GuestProgram> All { get; } =
    [
        Kernel("coremark_like", 22_000),
        Kernel("dhrystone_like", 5500),
        Kernel("crc32", 700),
        Kernel("sha256", 420),
        Kernel("sha512", 3000),
        Kernel("aes", 1500),
        Kernel("bignum", 1200),
        Kernel("qsort", 210),
        Kernel("compress", 140),
        Kernel("json", 1900),
        Kernel("text", 550),
        Kernel("matmul_int", 480),
        Kernel("sieve", 170),
        Kernel("memcopy", 2800),
        Kernel("libc_mem", 5000),
        Kernel("chase", 300),
        Kernel("switchvm", 650),
        Kernel("callvm", 300),
        Kernel("vcall", 36_000),
        Kernel("fib", 330),
        Kernel("queens", 1700),

        Kernel("matmul_double", 280, ProgramGroup.FloatingPoint),
        Kernel("nbody", 3600, ProgramGroup.FloatingPoint),
        Kernel("mandel", 190, ProgramGroup.FloatingPoint),
        Kernel("spmv", 5500, ProgramGroup.FloatingPoint),
        Kernel("fft", 5000, ProgramGroup.FloatingPoint),
        Kernel("lu", 6000, ProgramGroup.FloatingPoint),
        Kernel("spin_float", 900, ProgramGroup.FloatingPoint),

        Kernel("syscalls", 1400, ProgramGroup.System),
        Kernel("atomics", 15_000, ProgramGroup.System),
        Kernel(OneThread, 700, ProgramGroup.System),
        Kernel(TwoThreads, 700, ProgramGroup.System),

        new("hello", "hello", [], ProgramGroup.Short),
        new("bigcode", "bigcode", [], ProgramGroup.Short),
        Short("coremark_like", 600),
        Short("json", 70),
        Short("all", 1),
    ];

    /// <summary>A sample of every group that is measured in a few minutes.</summary>
    public static IReadOnlyList<string> Quick { get; } =
    [
        "coremark_like", "crc32", "aes", "compress", "memcopy", "callvm", "fib", "matmul_double", "nbody", "syscalls", "hello", "short_json",
    ];

    /// <summary>Resolves names, NAME or NAME:REPEAT; every program when none is given.</summary>
    public static IReadOnlyList<GuestProgram> Select(IReadOnlyList<string> names) =>
        names.Count == 0 ? All : [.. names.Distinct().Select(Resolve)];

    private static GuestProgram Resolve(string name)
    {
        string[] parts = name.Split(':');
        GuestProgram program = All.FirstOrDefault(program => program.Name == parts[0])
            ?? throw new BadInputException($"no program '{parts[0]}': there are {string.Join(", ", All.Select(program => program.Name))}");
        if (parts.Length == 1)
            return program;
        if (program.File != KernelsFile)
            throw new BadInputException($"'{program.Name}' is not repeated: say it without ':'");
        if (parts.Length > 2 || !int.TryParse(parts[1], NumberStyles.None, null, out int repeat) || repeat is < 1 or > MostRepeats)
            throw new BadInputException($"'{name}' is not NAME:REPEAT with a repeat from 1 to {MostRepeats}");
        return program with { Name = name, Arguments = [program.Arguments[0], parts[1]] };
    }

    private static GuestProgram Kernel(string name, int repeat, ProgramGroup group = ProgramGroup.Integer) =>
        new(name, KernelsFile, [name, repeat.ToString(CultureInfo.InvariantCulture)], group);

    private static GuestProgram Short(string kernel, int repeat) =>
        Kernel(kernel, repeat, ProgramGroup.Short) with { Name = $"short_{kernel}" };
}
