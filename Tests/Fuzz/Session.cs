using System.Diagnostics;
using RvJit.Fuzz.Corpus;
using RvJit.Fuzz.Execution;
using RvJit.Fuzz.Generation;
using RvJit.Fuzz.Shrinking;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz;

/// <summary>Makes programs and compares their executions until the time is up.</summary>
internal sealed class Session(FuzzOptions options, TextWriter output)
{
    private const int CasesPerWorld = 200, MostFindings = 10, CountedEvery = 4;
    private static readonly TimeSpan s_shrinkLimit = TimeSpan.FromMinutes(2);

    private readonly RowCatalog _catalog = new(options.Instructions);
    private readonly Lock _lock = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly long[] _rowCounts = new long[InstructionTable.Rows.Count];
    private long _next = options.First;
    private int _findings;
    private volatile bool _stopped;

    /// <summary>From any thread: ends with the programs that are being compared.</summary>
    public void Stop() => _stopped = true;

    public SessionReport Run()
    {
        var report = new SessionReport(options, _rowCounts, _catalog.Ending);
        Thread[] threads = [.. Enumerable.Range(0, options.Jobs).Select(_ => NewExecutors()).ToArray().Select(executors => new Thread(() => Work(executors, report)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        report.Seconds = _watch.Elapsed.TotalSeconds;
        return report;
    }

    private Executors NewExecutors() => new(options.Qemu, options.Instructions, CasesPerWorld);

    private void Work(Executors executors, SessionReport report)
    {
        using Executors own = executors;
        while (!_stopped && _watch.Elapsed.TotalMinutes < options.Minutes && Volatile.Read(ref _findings) < MostFindings)
        {
            long number = Interlocked.Increment(ref _next) - 1;
            if (number - options.First >= options.MostPrograms)
                break;
            GeneratedProgram program = Generator.Make(_catalog, options.Seed, number);
            Comparison comparison = executors.Compare(program.ToCase(), IsCounted(number));
            lock (_lock)
            {
                report.Programs++;
                report.Instructions += executors.Step.Instructions;
                report.Endless += comparison.Ended ? 0 : 1;
            }

            if (comparison.Findings.Count != 0)
                Tell(program, number, comparison, report);
        }

        lock (_lock)
        {
            for (int i = 0; i < _rowCounts.Length; i++)
                _rowCounts[i] += executors.Step.RowCounts[i];
            report.Regions += executors.Engines.Sum(engine => engine.Regions);
        }
    }

    private static bool IsCounted(long number) => number % CountedEvery == 0;

    private void Tell(GeneratedProgram program, long number, Comparison comparison, SessionReport report)
    {
        Interlocked.Increment(ref _findings);
        lock (_lock)
        {
            report.Mismatches++;
            output.WriteLine($"mismatch: seed {options.Seed}, program {number} (see it again: --seed {options.Seed} --first {number} --programs 1)");
            Write(comparison);
        }

        // A fresh engine for each try: what depends on earlier programs does not shrink.
        var wrong = comparison.Findings.Select(f => f.Kind).ToHashSet();
        using var executors = new Executors(options.Qemu, options.Instructions, casesPerWorld: 1);
        bool Fails(GeneratedProgram candidate)
        {
            Comparison again = executors.Compare(candidate.ToCase(), IsCounted(number));
            return again.Ended == comparison.Ended && again.Reference.Failure == comparison.Reference.Failure
                && again.Findings.Any(f => wrong.Contains(f.Kind));
        }

        if (!Fails(program))
        {
            lock (_lock)
                output.WriteLine("  not seen again by itself: it depends on the programs before it, or on time");
            return;
        }

        var shrinker = new Shrinker(Fails, s_shrinkLimit);
        GeneratedProgram small = shrinker.Shrink(program);
        Comparison last = executors.Compare(small.ToCase(), IsCounted(number));
        string name = $"seed{options.Seed}-{number}.txt";
        IEnumerable<string> comment = [$"seed {options.Seed}, program {number}, shrunk in {shrinker.Tried} steps", .. Lines(last)];
        string text = CorpusFile.Write(new CorpusCase(small.ToCase(), last.Reference), comment);
        lock (_lock)
        {
            output.WriteLine(text);
            output.Flush();
            if (options.Keep is { } directory)
            {
                Directory.CreateDirectory(directory);
                File.WriteAllText(Path.Combine(directory, name), text);
            }
        }
    }

    private void Write(Comparison comparison)
    {
        foreach (string line in Lines(comparison))
            output.WriteLine("  " + line);
        output.Flush();
    }

    private static IEnumerable<string> Lines(Comparison comparison) =>
        comparison.Findings.SelectMany(f => f.Differences.Select(difference => $"{f.Executor}: {difference}"));
}
