using NUnit.Framework;
using RvJit.Fuzz;
using RvJit.Fuzz.Corpus;
using RvJit.Fuzz.Execution;
using RvJit.Fuzz.Generation;
using RvJit.Fuzz.Guest;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Translator;

/// <summary>The differential fuzzer for a bounded time, and what it found once (Tests/Fuzz, docs/testing.md).</summary>
public class FuzzTests
{
    private const string CorpusPrefix = "RvJit.Tests.Fuzz.Corpus.";
    private const long KnownSeed = 1;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private static IEnumerable<string> Corpus => typeof(FuzzTests).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(CorpusPrefix, StringComparison.Ordinal)).Select(name => name[CorpusPrefix.Length..]);

    [Test]
    public void FindingsStayMended([ValueSource(nameof(Corpus))] string name)
    {
        using var reader = new StreamReader(typeof(FuzzTests).Assembly.GetManifestResourceStream(CorpusPrefix + name)!);
        CorpusCase known = CorpusFile.Read(reader.ReadToEnd());
        using var step = new StepExecutor(InstructionSet.Ratified, Executors.MostInstructions);
        using var interp = new EngineExecutor(new EngineOptions(Tier.Interp), s_limit, casesPerWorld: 1);
        using var jit = new EngineExecutor(new EngineOptions(Tier.Jit), s_limit, casesPerWorld: 1);
        using var counting = new EngineExecutor(new EngineOptions(Tier.Jit, CountInstructions: true), s_limit, casesPerWorld: 1);

        Assert.Multiple(() =>
        {
            foreach (IExecutor executor in (IExecutor[])[step, interp, jit, counting])
                Assert.That(Difference.Between(known.Expected, executor.Run(known.Test)), Is.Empty, executor.Name);
            Assert.That(interp.Retired, Is.EqualTo(step.Instructions));
            Assert.That(counting.Retired, Is.EqualTo(step.Instructions));
        });
    }

    [Test]
    public void TheSameSeedMakesTheSamePrograms()
    {
        var catalog = new RowCatalog(InstructionSet.Ratified);
        for (long number = 0; number < 20; number++)
        {
            GeneratedProgram once = Generator.Make(catalog, KnownSeed, number), again = Generator.Make(catalog, KnownSeed, number);
            Assert.That(again.ToCase().Image, Is.EqualTo(once.ToCase().Image));
            Assert.That(again.Initial.Data, Is.EqualTo(once.Initial.Data));
        }
    }

    /// <summary>A case survives its text.</summary>
    [Test]
    public void CasesAreKeptWhole()
    {
        GeneratedProgram program = Generator.Make(new RowCatalog(InstructionSet.Ratified), KnownSeed, 0);
        using var step = new StepExecutor(InstructionSet.Ratified, Executors.MostInstructions);
        var written = new CorpusCase(program.ToCase(), step.Run(program.ToCase()));

        CorpusCase read = CorpusFile.Read(CorpusFile.Write(written, ["a comment"]));

        Assert.That(Difference.Between(written.Expected, read.Expected), Is.Empty);
        Assert.That(Difference.Between(written.Expected, step.Run(read.Test)), Is.Empty);
    }

    /// <summary>Always the same programs, and some that nobody has seen before.</summary>
    [Test, Category("Slow")]
    public void GeneratedProgramsRunAsUnderQemu([Values] bool newSeed)
    {
        var options = new FuzzOptions { Minutes = 0.5, Seed = newSeed ? Random.Shared.Next() : KnownSeed, Qemu = Extras.RequireQemu() };
        var told = new StringWriter();

        SessionReport report = new Session(options, told).Run();

        report.WriteTo(TestContext.Out);
        Assert.That(report.Mismatches, Is.Zero, told.ToString());
        Assert.That(report.Endless, Is.Zero, "programs without an end");
        Assert.That(report.Programs, Is.Positive);
    }

    [Test, Category("Slow")]
    public void WordsAreInstructionsAsUnderQemu()
    {
        using var session = new DecoderSession(new FuzzOptions { Seed = KnownSeed, Words = 50_000, Qemu = Extras.RequireQemu() });

        Assert.That(session.Run().Take(20), Is.Empty);
    }
}
