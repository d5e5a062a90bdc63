using RvJit.Monitor;

namespace RvJit.Cli;

/// <summary>Stands in front of the enclave runtime's factory and notes the measurement of every enclave that is entered.</summary>
public sealed class EnclaveRecorder(IEnclaveSupervisorFactory supervisors) : IEnclaveSupervisorFactory
{
    private readonly Lock _lock = new();
    private readonly List<ReadOnlyMemory<byte>> _measurements = [];

    public IReadOnlyList<ReadOnlyMemory<byte>> Measurements
    {
        get
        {
            lock (_lock)
                return [.. _measurements];
        }
    }

    public IEnclaveSupervisor Create(SecurityMonitor monitor, int enclaveId, in EnclaveCreateArguments layout)
    {
        ReadOnlyMemory<byte> measurement = monitor.Enclaves.First(enclave => enclave.Id == enclaveId).Measurement;
        lock (_lock)
            _measurements.Add(measurement);
        return supervisors.Create(monitor, enclaveId, layout);
    }
}
