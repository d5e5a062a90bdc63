using RvJit.Monitor.Attestation;

namespace RvJit.Monitor;

/// <summary>Choices of the monitor.</summary>
public sealed record SecurityMonitorOptions
{
    /// <summary>PMP registers to use (upstream compiles 8 in; each enclave takes one or two, monitor and system one each).</summary>
    public int PmpEntries { get; init; } = KeystoneAbi.PmpRegisterCount;

    public SecurityModel Model { get; init; } = SecurityModel.Hardened;

    /// <summary>Makes the monitor's keys; asked once, at the first report or sealing key.</summary>
    public Func<MonitorIdentity> Identity { get; init; } =
        static () => MonitorIdentity.Create(MonitorIdentity.TestDevice, MonitorIdentity.BuiltInImage);

    /// <summary>Enclaves that can exist at once: upstream's 16, or as many as there are PMP registers for.</summary>
    public int MaximumEnclaves => Math.Max(KeystoneAbi.MaximumEnclaves, PmpEntries);
}
