using RvJit.Fuzz.Guest;
using RvJit.Fuzz.Server;
using RvJit.Translator;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz.Execution;

/// <summary>The reference and all our ways of executing, for one thread.</summary>
internal sealed class Executors : IDisposable
{
    public const long MostInstructions = 60_000_000;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    public Executors(string qemu, InstructionSet instructions, int casesPerWorld)
    {
        Reference = new QemuExecutor(qemu, instructions, s_limit);
        Step = new StepExecutor(instructions, MostInstructions);
        Engines =
        [
            Engine(new EngineOptions(Tier.Interp)),
            Engine(new EngineOptions(Tier.Jit)),
            Engine(new EngineOptions(Tier.Jit, CountInstructions: true)),
            Engine(new EngineOptions(Tier.Auto)),
        ];
        EngineExecutor Engine(EngineOptions options) => new(options with { Instructions = instructions }, s_limit, casesPerWorld);
    }

    public QemuExecutor Reference { get; }

    public StepExecutor Step { get; }

    public IReadOnlyList<EngineExecutor> Engines { get; }

    /// <summary>What every executor of ours made differently from the reference. Nothing for a case without an end.</summary>
    /// <param name="test">What to run.</param>
    /// <param name="counted">Whether translated code counts: the forced tier is slow, so a case runs there once.</param>
    public Comparison Compare(TestCase test, bool counted)
    {
        Outcome step = Run(Step, test);
        Outcome reference = Reference.Run(test);
        var wrong = new List<Finding>();
        Add(wrong, Step.Name, reference, step);
        if (step.Failure is null)
        {
            foreach (EngineExecutor engine in Engines.Where(e => e.Tier != Tier.Jit || e.Counts == counted))
            {
                Add(wrong, engine.Name, reference, Run(engine, test));
                if (engine.Retired is { } retired && retired != (ulong)Step.Instructions && wrong.Count == 0)
                    wrong.Add(new Finding(engine.Name, [$"{retired} instructions retired instead of {Step.Instructions}"]));
            }
        }

        return new Comparison(reference, wrong, step.Failure is null);
    }

    public void Dispose()
    {
        Reference.Dispose();
        Step.Dispose();
        foreach (EngineExecutor engine in Engines)
            engine.Dispose();
    }

    /// <summary>An executor of ours that throws has a defect, which is a finding like others.</summary>
    private static Outcome Run(IExecutor executor, TestCase test)
    {
        try
        {
            return executor.Run(test);
        }
        catch (Exception error)
        {
            return Outcome.Failed($"{error.GetType().Name}: {error.Message}");
        }
    }

    private static void Add(List<Finding> wrong, string name, Outcome expected, Outcome actual)
    {
        string[] differences = [.. Difference.Between(expected, actual)];
        if (differences.Length != 0)
            wrong.Add(new Finding(name, differences));
    }
}

/// <param name="Executor">Who differs.</param>
/// <param name="Differences">In words.</param>
internal sealed record Finding(string Executor, IReadOnlyList<string> Differences)
{
    /// <summary>Who differs in what: a register is one kind of thing, whichever it is.</summary>
    public string Kind => $"{Executor} {(Differences[0].Split(' ')[0] is var what && s_other.Contains(what) ? what : "register")}";

    private static readonly string[] s_other = ["signal", "pc", "address", "data", "top", "fcsr", "stop", "no", "it"];
}

/// <param name="Reference">What qemu made of the case.</param>
/// <param name="Findings">Who made something else of it.</param>
/// <param name="Ended">Whether the case has an end.</param>
internal sealed record Comparison(Outcome Reference, IReadOnlyList<Finding> Findings, bool Ended);
