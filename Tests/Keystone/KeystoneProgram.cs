using Microsoft.Win32.SafeHandles;
using RvJit.Guest.Keystone;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Loading;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;
using RvJit.Monitor.Supervisor;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Keystone;

/// <summary>What a Keystone host program and its enclaves did.</summary>
public sealed record KeystoneResult(ExitStatus Status, string Output, string Console, EdgeCallStatistics EdgeCalls, IReadOnlyList<EnclaveInfo> Left);

/// <summary>Runs a Keystone host program inside the test process: engine, kernel, driver, monitor, enclave runtime.</summary>
public sealed record KeystoneProgram
{
    private const ulong MemoryBytes = 4UL << 30;
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(120);

    public required string Path { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public Tier Tier { get; init; }

    /// <summary>Whether the loader and runtime files are executed, instead of the native runtime.</summary>
    public bool GuestRuntime { get; init; }

    /// <summary>Choices of the native runtime.</summary>
    public EnclaveRuntimeOptions Services { get; init; } = new();

    /// <summary>Called once the process runs; to disturb it.</summary>
    public Action<LinuxProcess>? Disturb { get; init; }

    public SecurityMonitorOptions Monitor { get; init; } = new();

    /// <summary>A prebuilt program of the repository; arguments that name prebuilt files become their paths.</summary>
    public static KeystoneProgram Prebuilt(
        string name, IEnumerable<string> arguments, Tier tier, Action<LinuxProcess>? disturb = null, bool guestRuntime = false,
        SecurityMonitorOptions? monitor = null) => new()
        {
            GuestRuntime = guestRuntime,
            Monitor = monitor ?? new SecurityMonitorOptions(),
            Disturb = disturb,
            Path = PrebuiltPath(name),
            Arguments = [.. arguments.Select(a => File.Exists(PrebuiltPath(a)) ? PrebuiltPath(a) : a)],
            Tier = tier,
        };

    public KeystoneResult Run()
    {
        string file = System.IO.Path.GetTempFileName();
        try
        {
            using var memory = new PhysicalMemory(MemoryBytes);
            using var engine = new Engine(new EngineOptions(Tier));
            using var console = new StringWriter();
            using SafeFileHandle output = File.OpenHandle(file, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
            using var guestSupervisors = new GuestSupervisorFactory(() => console);
            var monitor = new SecurityMonitor(memory, GuestRuntime
                ? guestSupervisors
                : new EnclaveRuntimeFactory(engine, () => console, new WorldOptions(TrappingFiller: true), Services), Monitor);
            var driver = new KeystoneDriver(monitor);
            var options = new LinuxOptions { ProcessId = 1000, TrappingFiller = true };
            var kernel = new LinuxKernel(engine, options, FileSystemGroups.All, [driver]);
            driver.Attach(kernel);
            var launcher = new LinuxLauncher(kernel, memory, monitor.PmpEntries);
            var request = new LaunchRequest { HostPath = Path, Arguments = [System.IO.Path.GetFileName(Path), .. Arguments] };
            if (!launcher.TryLaunch(request, out LinuxProcess? process, out string? error))
                throw new InvalidOperationException(error);
            process.Files.Table.Set(1, HostFile.Borrow((int)output.DangerousGetHandle()));
            launcher.Start(process);
            Disturb?.Invoke(process);
            if (!process.Ended.Wait(_timeout))
                throw new TimeoutException($"{Path} hangs; so far:\n{File.ReadAllText(file)}");
            ExitStatus status = process.WaitForExit();
            return new KeystoneResult(status, File.ReadAllText(file), console.ToString(), monitor.EdgeCalls, monitor.Enclaves);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string PrebuiltPath(string name) => Repository.PathOf("Guest", "Programs", "prebuilt", name);
}
