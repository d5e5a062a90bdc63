using System.Collections;
using System.Diagnostics;
using RvJit.Cli.Commands;
using RvJit.Cli.Inspection;
using RvJit.Cli.Statistics;
using RvJit.Guest.Keystone;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Loading;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;
using RvJit.Monitor.Supervisor;

namespace RvJit.Cli;

/// <summary>
/// The composition root: builds guest memory, engine, security monitor, kernel and process from one record of options,
/// and runs the process to its end.
/// </summary>
public sealed class Composition : IDisposable
{
    /// <summary>Address space, not memory: untouched pages cost nothing.</summary>
    private const ulong GuestMemory = 32UL << 30;

    private readonly GuestOptions _options;
    private readonly PhysicalMemory _memory = new(GuestMemory);
    private readonly ObservedEngine _observed;
    private readonly IExecutionEngine _engine;
    private readonly MeteredEngine? _meter;
    private readonly EnclaveRecorder _enclaves;
    private readonly GuestSupervisorFactory? _guestSupervisors;
    private readonly SecurityMonitor _monitor;
    private readonly LinuxKernel _kernel;
    private readonly LinuxLauncher _launcher;
    private readonly KeystoneDriver _keystone;

    private Composition(GuestOptions options)
    {
        _options = options;
        _observed = new ObservedEngine(options.Tier, options.Extensions, options.Metered, options.Observation);
        _meter = _observed.Meter;
        _engine = _observed.Engine;
        _enclaves = new EnclaveRecorder(options.Runtime == RuntimeChoice.Guest
            ? _guestSupervisors = new GuestSupervisorFactory(() => Console.Error)
            : new EnclaveRuntimeFactory(_engine, () => Console.Error, options: options.Services));
        _monitor = new SecurityMonitor(_memory, _enclaves, options.Monitor);
        _keystone = new KeystoneDriver(_monitor);
        if (options.CountersRead is { } reader)
            _keystone.CountersRead += () => reader(ReadCounters());
        _kernel = new LinuxKernel(
            _engine,
            new LinuxOptions
            {
                Extensions = options.Extensions,
                Root = options.Root,
                WorkingDirectory = options.WorkingDirectory,
                Strace = options.Strace,
                StraceOutput = options.Strace ? Console.Error : TextWriter.Null,
                MostInstructions = options.Observation.MostInstructions,
                UserInterrupts = _monitor.UserInterrupts,
            },
            FileSystemGroups.All,
            [_keystone]);
        _keystone.Attach(_kernel);
        _launcher = new LinuxLauncher(_kernel, _memory, _monitor.PmpEntries);
    }

    public static GuestOutcome Run(GuestOptions options)
    {
        using var composition = new Composition(options);
        return composition.Run();
    }

    public void Dispose()
    {
        _observed.Dispose();
        _guestSupervisors?.Dispose();
        _memory.Dispose();
    }

    private GuestOutcome Run()
    {
        LinuxProcess process = Launch();
        if (_options.Output is { } output)
            LinuxLauncher.Redirect(process, output);
        if (_options.Cache is { } directory && _observed.Translator is { } translator)
            TranslationCache.Attach(directory, HostPath(), process, translator);
        CodeSymbols symbols = CodeSymbols.None;
        if (_observed.WantsSymbols)
            process.OnExit(() => symbols = new CodeSymbols(process.World.Name, process.FindCode()));
        using var signals = new HostSignals(process);
        using Timer? tick = _options.Tick is { } period ? new Timer(_ => _monitor.Tick(), null, period, period) : null;
        var watch = Stopwatch.StartNew();
        _launcher.Start(process);
        bool timedOut = _options.Patience is { } patience && !process.Ended.Wait(patience);
        if (timedOut)
            process.Exit(ExitCode.Limit);
        ExitStatus status = process.WaitForExit();
        watch.Stop();
        _observed.Finish(symbols);
        int code = process.Limit is null ? status.ShellCode : ExitCode.Limit;
        return new GuestOutcome(code, Statistics(code, watch.Elapsed), _enclaves.Measurements, process.Limit, timedOut);
    }

    private LinuxProcess Launch()
    {
        if (_options.Enclave is { } enclave)
        {
            return new EnclaveLauncher(_kernel, _keystone, _launcher).TryLaunch(enclave, out LinuxProcess? host, out string? refusal)
                ? host
                : throw new BadInputException(refusal);
        }

        var request = new LaunchRequest
        {
            HostPath = HostPath(),
            GuestPath = Path.IsPathRooted(_options.Program) ? _options.Program : null,
            Arguments = _options.Arguments,
            Environment = Environment(),
        };
        return _launcher.TryLaunch(request, out LinuxProcess? process, out string? error)
            ? process
            : throw new BadInputException(error);
    }

    /// <summary>An absolute path is looked for under the guest's root first, then on the host.</summary>
    private string HostPath()
    {
        if (!Directory.Exists(_options.Root))
            throw new BadInputException($"--root {_options.Root} is not a directory; give one that holds a riscv64 system");
        string inside = Path.Join(_options.Root, _options.Program);
        return Path.IsPathRooted(_options.Program) && File.Exists(inside) ? inside : _options.Program;
    }

    private MonitorCounters ReadCounters()
    {
        ulong[] transitions = new ulong[TransitionCounters.Kinds];
        _monitor.ReadTransitions(transitions);
        return new MonitorCounters(transitions, _monitor.CountPmpWrites());
    }

    private RunStatistics? Statistics(int exitCode, TimeSpan elapsed) => _meter is null ? null : new RunStatistics
    {
        ExitCode = exitCode,
        Milliseconds = elapsed.TotalMilliseconds,
        Instructions = _meter.Instructions,
        Harts = _meter.Harts,
        Engine = _meter.Statistics,
        Traps = _meter.Traps,
        Transitions = _meter.Transitions,
        EdgeCalls = new EdgeCallCounts(_monitor.EdgeCalls.Count, _monitor.EdgeCalls.MinimumTransitions, _monitor.EdgeCalls.MaximumTransitions),
    };

    /// <summary>The host's environment with the changes asked for, as NAME=VALUE.</summary>
    private string[] Environment()
    {
        var variables = new Dictionary<string, string>();
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            variables[(string)entry.Key] = (string?)entry.Value ?? "";
        foreach (EnvironmentChange change in _options.Environment)
        {
            if (change.Value is null)
                variables.Remove(change.Name);
            else
                variables[change.Name] = change.Value;
        }

        string[] names = [.. variables.Keys];
        Array.Sort(names, StringComparer.Ordinal);
        return Array.ConvertAll(names, name => $"{name}={variables[name]}");
    }
}
