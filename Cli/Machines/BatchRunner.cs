using System.Collections.Concurrent;
using System.Text;
using RvJit.Cli.Output;
using RvJit.Machine.Board;
using RvJit.Machine.Devices;

namespace RvJit.Cli.Machines;

/// <summary>
/// Runs many bare-metal programs in one process, each on a board of its own with nothing on its serial line, and prints
/// one line each, in the order of the list.
/// </summary>
public sealed class BatchRunner(MachineOptions options, IReadOnlyList<string> programs, int jobs) : IDisposable
{
    /// <summary>A program of a test suite that runs longer than this hangs.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly MachineEngine _engine = new(options);

    private const string SignatureEnding = ".signature";

    /// <summary>The exit code of the whole batch.</summary>
    public int Run(TextWriter output)
    {
        var lines = new string?[programs.Count];
        int next = 0, printed = 0, failed = 0;
        var gate = new Lock();
        var errors = new ConcurrentQueue<Exception>();
        Thread[] threads = [.. Enumerable.Range(0, Math.Min(jobs, programs.Count)).Select(_ => new Thread(Work) { IsBackground = true })];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (errors.TryDequeue(out Exception? error))
            throw new InvalidOperationException(error.Message, error);
        output.WriteLine($"{programs.Count - failed} passed, {failed} failed");
        output.Flush();
        return failed == 0 ? ExitCode.Success : ExitCode.BatchFailed;

        void Work()
        {
            try
            {
                while (errors.IsEmpty && Interlocked.Increment(ref next) - 1 is var index && index < programs.Count)
                {
                    (bool passed, string line) = RunOne(programs[index]);
                    lock (gate)
                    {
                        failed += passed ? 0 : 1;
                        lines[index] = line;
                        for (; printed < lines.Length && lines[printed] is { } ready; printed++)
                            output.WriteLine(ready);
                        output.Flush();
                    }
                }
            }
            catch (Exception caught)
            {
                errors.Enqueue(caught);
            }
        }
    }

    public void Dispose() => _engine.Dispose();

    /// <summary>The programs that an option names: each value is an ELF file or a list of files, one a line.</summary>
    public static IReadOnlyList<string> Programs(IEnumerable<string> values)
    {
        var programs = new List<string>();
        foreach (string value in values)
        {
            if (!File.Exists(value))
                throw new BadInputException($"--batch {value} does not exist; give ELF files, or a text file with one path a line");
            if (StartsAsElf(value))
                programs.Add(value);
            else
                programs.AddRange(File.ReadLines(value).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'));
        }

        return programs.Count > 0 ? programs : throw new BadInputException("--batch names no program; write one path a line");
    }

    private static bool StartsAsElf(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        return file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual("\u007fELF"u8);
    }

    private (bool Passed, string Line) RunOne(string program)
    {
        try
        {
            MachineExit exit = RunOne(options with { Bios = program });
            string reason = exit.Message is { } message ? " " + Terminal.OneLine(message.Split('\n')[0]) : "";
            return exit is { Reason: MachineExitReason.PowerOff, Code: 0 }
                ? (true, $"PASS {program}")
                : (false, $"FAIL {program} {exit.Code}{reason}");
        }
        catch (BadInputException error)
        {
            return (false, $"FAIL {program} {ExitCode.BadInput} {Terminal.OneLine(error.Message)}");
        }
    }

    private MachineExit RunOne(MachineOptions options)
    {
        using MachineSetup setup = MachineSetup.Load(options);
        using var run = new MachineRun(options, _engine, setup, new MachineStopper(), new NoPort());
        MachineExit exit = run.Run().Exit;
        if (options.Signature is { } directory)
        {
            string file = Path.Join(directory, Path.GetFileName(options.Bios!) + SignatureEnding);
            OutputFile.Write("--signature", file, Encoding.ASCII.GetBytes(setup.FormatSignature()));
        }

        return exit;
    }
}
