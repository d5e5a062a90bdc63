using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>Choices of the native runtime.</summary>
public sealed record EnclaveRuntimeOptions
{
    /// <summary>Services that eapps get whatever the runtime file was built for; null: what it was built for.</summary>
    public RuntimeFeatures? Features { get; init; }

    /// <summary>argv of eapps that a libc starts. Keystone gives none; they come from the host and are not measured.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>Makes the native runtime for each enclave that runs.</summary>
/// <param name="engine">Prepares each enclave's world for execution; null when none will execute.</param>
/// <param name="console">Opens the machine console, where runtimes report (upstream: SBI console, not the host's stdout).</param>
/// <param name="worlds">How worlds are made.</param>
/// <param name="options">Choices of the runtime.</param>
public sealed class EnclaveRuntimeFactory(
    IExecutionEngine? engine, Func<TextWriter> console, WorldOptions? worlds = null, EnclaveRuntimeOptions? options = null)
    : IEnclaveSupervisorFactory
{
    public IEnclaveSupervisor Create(SecurityMonitor monitor, int enclaveId, in EnclaveCreateArguments layout)
    {
        var world = new World($"enclave {enclaveId}", monitor.Memory, worlds) { IsEnclave = true };
        engine?.Attach(world);
        return new EnclaveRuntime(monitor, world, layout, console(), options ?? new EnclaveRuntimeOptions());
    }
}
