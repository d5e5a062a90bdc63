using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz;

/// <summary>What the user gave cannot be used. The message is one line.</summary>
internal sealed class BadInputException(string message) : Exception(message);

/// <summary>What is fuzzed, for how long.</summary>
internal sealed record FuzzOptions
{
    /// <summary>Extensions without which no program can be made.</summary>
    private static readonly string[] s_steering = ["zicsr", "zifencei", "zalrsc", "d", "c"];

    public double Minutes { get; init; } = 1;

    public long Seed { get; init; } = Random.Shared.Next();

    /// <summary>First program of the seed to make: to see one again.</summary>
    public long First { get; init; }

    /// <summary>Programs after which to end, whatever the time.</summary>
    public long MostPrograms { get; init; } = long.MaxValue;

    public int Jobs { get; init; } = 1;

    /// <summary>Words for the decoder comparison; 0 leaves it out.</summary>
    public int Words { get; init; }

    /// <summary>What harts have, here and under qemu.</summary>
    public InstructionSet Instructions { get; init; } = InstructionSet.Ratified;

    /// <summary>Where shrunk findings go; null: nowhere.</summary>
    public string? Keep { get; init; }

    public string Qemu { get; init; } = Environment.GetEnvironmentVariable("RVJIT_QEMU") is { Length: > 0 } given ? given : "qemu-riscv64";

    public static FuzzOptions Parse(string[] args)
    {
        var options = new FuzzOptions();
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : throw new BadInputException($"{args[i]} needs a value; see --help");
            options = args[i] switch
            {
                "--minutes" => options with { Minutes = Number<double>(args[i], value) },
                "--seed" => options with { Seed = Number<long>(args[i], value) },
                "--first" => options with { First = Number<long>(args[i], value) },
                "--programs" => options with { MostPrograms = Number<long>(args[i], value) },
                "--jobs" => options with { Jobs = Number<int>(args[i], value) },
                "--words" => options with { Words = Number<int>(args[i], value) },
                "--isa" => options with { Instructions = InstructionsOf(value) },
                "--keep" => options with { Keep = value },
                "--qemu" => options with { Qemu = value },
                var other => throw new BadInputException($"unknown option '{other}'; see --help"),
            };
        }

        return options;
    }

    private static T Number<T>(string option, string value)
        where T : struct, IComparable<T>, IParsable<T> =>
        T.TryParse(value, null, out T number) && number.CompareTo(default) >= 0
            ? number
            : throw new BadInputException($"{option} takes a number, not '{value}'");

    private static InstructionSet InstructionsOf(string value)
    {
        if (!IsaString.TryParse(value, out ExtensionSet? extensions, out string? error))
            throw new BadInputException($"--isa: {error}");
        string? missing = s_steering.FirstOrDefault(name => !extensions.Contains(name));
        return missing is null
            ? new InstructionSet(extensions)
            : throw new BadInputException($"--isa: '{missing}' is missing, and programs are steered by it");
    }
}
