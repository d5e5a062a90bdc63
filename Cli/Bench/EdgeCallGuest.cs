using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using RvJit.Cli.Commands;
using RvJit.Guest.Linux;
using RvJit.Machine;

namespace RvJit.Cli.Bench;

/// <summary>
/// Runs the embedded guest programs, each time on a machine of its own but in this process: what is measured is a program
/// that has run for a while, whose translator and native services are compiled.
/// </summary>
public sealed class EdgeCallGuest : IDisposable
{
    private const string Host = "host-edgecalls";
    private const string Plain = "aec-plain";
    private const int SignalBase = 128;

    /// <summary>A run takes fractions of a second; on one processor, some seconds.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>Signals by which a user ends rvjit: SIGHUP, SIGINT, SIGQUIT, SIGTERM.</summary>
    private static readonly int[] _ending = [1, 2, 3, 15];

    private static readonly string[] _enclave = ["eapp-edgecalls", "runtime.elf", "loader.bin"];

    private readonly EmbeddedFiles _files = new([Host, Plain, .. _enclave]);

    /// <summary>One run of a cell; what went wrong, or null.</summary>
    /// <param name="cell">What to measure.</param>
    /// <param name="plan">How often.</param>
    /// <param name="round">What for: instructions are counted exactly, or the time of each call is taken; both take time themselves.</param>
    /// <param name="sample">What was measured.</param>
    public string? TryRun(EdgeCallCell cell, EdgeCallPlan plan, EdgeCallRound round, out EdgeCallSample? sample)
    {
        sample = null;
        var marks = new List<MonitorCounters>();
        string[] words =
        [
            Host, "--backend", cell.Backend, "--direction", cell.DirectionName, "--calls", $"{plan.CallsOf(cell, round)}",
            "--warmup", $"{plan.WarmupOf(cell, round)}", "--payload", $"{cell.Payload}", "--reply", $"{(cell.Echo ? cell.Payload : 0)}", "--batch", $"{cell.Batch}", "--cost", $"{cell.Cost}",
            "--busy", cell.BusyServer ? "1" : "0", "--latency", round == EdgeCallRound.Latency ? "1" : "0", "--log2", $"{RingEntries(cell.Batch)}", "--utm", $"{SharedBytes(cell.Payload)}",
            .. _enclave.Select(_files.PathOf),
        ];
        using ProcessorBinding? binding = cell.OneProcessor ? ProcessorBinding.ToOne() : null;
        (GuestOutcome outcome, string output) = Run(words, plan.Tier, cell.Runtime, cell.HasUserInterrupts, counting: round == EdgeCallRound.Counting, counters =>
        {
            lock (marks)
                marks.Add(counters);
        });
        if (outcome.TimedOut)
            return $"no end after {_patience.TotalSeconds:0} s";
        if (outcome.ExitCode != ExitCode.Success)
            return output.Trim().Length == 0 ? $"exit code {outcome.ExitCode}" : output.Trim().Split('\n')[^1];
        return EdgeCallSample.TryRead(output, marks, out sample);
    }

    /// <summary>
    /// Guest instructions of one asynchronous call with nobody waiting: both sides of the library in one thread, one after
    /// the other (Guest/Programs/edgecalls/cost.c). The same number on every run.
    /// </summary>
    public CallCost CostOf(int payload, int batch, TierChoice tier)
    {
        (GuestOutcome outcome, string output) = Run([Plain, "cost", $"{payload}", $"{batch}"], tier, RuntimeChoice.Native, userInterrupts: false, counting: true, marked: null);
        if (outcome.ExitCode != ExitCode.Success)
            throw new InvalidOperationException($"{Plain} cost: exit code {outcome.ExitCode}: {output}");
        Dictionary<string, long> values = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(line => line.Split('=')[0], line => long.Parse(line.Split('=')[1]));
        return new CallCost(payload, batch, values["submit"], values["serve"], values["reap"], values["call"]);
    }

    public void Dispose() => _files.Dispose();

    private (GuestOutcome Outcome, string Output) Run(
        string[] words, TierChoice tier, RuntimeChoice runtime, bool userInterrupts, bool counting, Action<MonitorCounters>? marked)
    {
        string path = Path.GetTempFileName();
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, FileOptions.DeleteOnClose);
        GuestOutcome outcome = Composition.Run(new GuestOptions
        {
            Program = _files.PathOf(words[0]),
            Arguments = words,
            Tier = tier,
            Runtime = runtime,
            Extensions = userInterrupts ? ExtensionSet.Max : LinuxOptions.DefaultExtensions,
            Observation = new Observation(ExactInstret: counting),
            Output = file,
            Patience = _patience,
            CountersRead = marked,
        });
        if (_ending.Contains(outcome.ExitCode - SignalBase))
            throw new StoppedException(outcome.ExitCode);
        byte[] bytes = new byte[RandomAccess.GetLength(file)];
        RandomAccess.Read(file, bytes, 0);
        return (outcome, Encoding.UTF8.GetString(bytes));
    }

    /// <summary>log2 of the entries of a ring that holds a batch.</summary>
    private static int RingEntries(int batch)
    {
        const int Usual = 6;
        return Math.Max(Usual, (int)Math.Ceiling(Math.Log2(batch)));
    }

    /// <summary>A shared buffer whose quarter holds a payload and more.</summary>
    private static long SharedBytes(int payload)
    {
        const long Usual = 4L << 20, Large = 16L << 20;
        return payload > Usual / 16 ? Large : Usual;
    }
}

/// <summary>The user has ended rvjit while a guest ran.</summary>
public sealed class StoppedException(int exitCode) : Exception
{
    public int Code => exitCode;
}

/// <param name="Payload">Bytes of argument.</param>
/// <param name="Batch">Calls shown at once.</param>
/// <param name="Submit">Instructions of the caller before the call crosses.</param>
/// <param name="Serve">Of the server, with an empty handler.</param>
/// <param name="Reap">Of the caller when the answer is there.</param>
/// <param name="Call">The sum.</param>
public sealed record CallCost(int Payload, int Batch, long Submit, long Serve, long Reap, long Call);

/// <summary>While it lives, this thread and those that it or its children start share one processor.</summary>
internal sealed unsafe partial class ProcessorBinding : IDisposable
{
    /// <summary>Bytes of a mask of 1,024 processors, which is what the C library's cpu_set_t holds.</summary>
    private const int MaskBytes = 128;

    private readonly byte[] _before = new byte[MaskBytes];

    private ProcessorBinding()
    {
        fixed (byte* mask = _before)
            _ = GetAffinity(0, MaskBytes, mask);
    }

    /// <summary>The first processor that this thread may use.</summary>
    public static ProcessorBinding ToOne()
    {
        var binding = new ProcessorBinding();
        byte* mask = stackalloc byte[MaskBytes];
        int first = Array.FindIndex(binding._before, bits => bits != 0);
        if (first >= 0)
        {
            new Span<byte>(mask, MaskBytes).Clear();
            mask[first] = (byte)(binding._before[first] & -binding._before[first]);
            _ = SetAffinity(0, MaskBytes, mask);
        }

        return binding;
    }

    public void Dispose()
    {
        fixed (byte* mask = _before)
            _ = SetAffinity(0, MaskBytes, mask);
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nuint bytes, byte* mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint bytes, byte* mask);
}
