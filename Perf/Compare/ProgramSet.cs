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
        Kernel("coremark_like", 44_000),
        Kernel("dhrystone_like", 16_000),
        Kernel("crc32", 700),
        Kernel("sha256", 1000),
        Kernel("sha512", 6000),
        Kernel("aes", 2500),
        Kernel("bignum", 2000),
        Kernel("qsort", 300),
        Kernel("compress", 250),
        Kernel("json", 4500),
        Kernel("text", 1600),
        Kernel("matmul_int", 800),
        Kernel("sieve", 300),
        Kernel("memcopy", 8000),
        Kernel("libc_mem", 14_000),
        Kernel("chase", 900),
        Kernel("switchvm", 1300),
        Kernel("callvm", 850),
        Kernel("vcall", 110_000),
        Kernel("fib", 950),
        Kernel("queens", 2200),

        Kernel("matmul_double", 2000, ProgramGroup.FloatingPoint),
        Kernel("nbody", 9000, ProgramGroup.FloatingPoint),
        Kernel("mandel", 550, ProgramGroup.FloatingPoint),
        Kernel("spmv", 18_000, ProgramGroup.FloatingPoint),
        Kernel("fft", 15_000, ProgramGroup.FloatingPoint),
        Kernel("lu", 18_000, ProgramGroup.FloatingPoint),
        Kernel("spin_float", 2000, ProgramGroup.FloatingPoint),

        Kernel("syscalls", 1800, ProgramGroup.System),
        Kernel("atomics", 22_000, ProgramGroup.System),
        Kernel(OneThread, 1800, ProgramGroup.System),
        Kernel(TwoThreads, 1800, ProgramGroup.System),

        new("hello", "hello", [], ProgramGroup.Short),
        new("bigcode", "bigcode", [], ProgramGroup.Short),
        Short("coremark_like", 1100),
        Short("json", 90),
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
