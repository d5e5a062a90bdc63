using System.Globalization;
using Microsoft.Win32.SafeHandles;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Loading;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Linux;

/// <summary>What a guest program did.</summary>
public sealed record GuestResult(ExitStatus Status, string Output, string Trace, long UserToSupervisor, long SupervisorToUser);

/// <summary>Runs a Linux guest program inside the test process, on a given tier.</summary>
public sealed class GuestProgram
{
    private const ulong MemoryBytes = 64UL << 30;
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(120);

    public required string Path { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyList<string> Environment { get; init; } = [];

    public Tier Tier { get; init; }

    /// <summary>What else of the engine is not as usual.</summary>
    public EngineOptions Engine { get; init; } = new();

    public LinuxOptions Options { get; init; } = new() { ProcessId = 1000, TrappingFiller = true };

    public static string Prebuilt(string name) => Repository.PathOf("Guest", "Programs", "prebuilt", name);

    public GuestResult Run()
    {
        string file = System.IO.Path.GetTempFileName();
        try
        {
            using var memory = new PhysicalMemory(MemoryBytes);
            using var engine = new Engine(Engine with { Tier = Tier });
            using var trace = new StringWriter(CultureInfo.InvariantCulture);
            using SafeFileHandle output = File.OpenHandle(file, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
            var kernel = new LinuxKernel(engine, Options with { Strace = true, StraceOutput = trace }, FileSystemGroups.All);
            var launcher = new LinuxLauncher(kernel, memory);
            var request = new LaunchRequest { HostPath = Path, Arguments = [System.IO.Path.GetFileName(Path), .. Arguments], Environment = Environment };
            if (!launcher.TryLaunch(request, out LinuxProcess? process, out string? error))
                throw new InvalidOperationException(error);
            process.Files.Table.Set(1, HostFile.Borrow((int)output.DangerousGetHandle()));
            launcher.Start(process);
            if (!process.Ended.Wait(_timeout))
                throw new TimeoutException($"{Path} hangs\n{trace}");
            ExitStatus status = process.WaitForExit();
            return new GuestResult(
                status, File.ReadAllText(file), trace.ToString(),
                process.CountTransitions(TransitionKind.HostUserToSupervisor), process.CountTransitions(TransitionKind.HostSupervisorToUser));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
