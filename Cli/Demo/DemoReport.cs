using System.Text;
using RvJit.Cli.Statistics;
using RvJit.Machine;

namespace RvJit.Cli.Demo;

/// <summary>Tells what the demo's enclave was and what it cost, after the guest has spoken for itself.</summary>
public static class DemoReport
{
    private const int HexColumns = 64;

    /// <summary>What each kind of transition is on the way of a call, in the order of one call.</summary>
    private static readonly Dictionary<TransitionKind, string> _steps = new()
    {
        [TransitionKind.EnclaveUserToSupervisor] = "enclave program calls its runtime",
        [TransitionKind.EnclaveSupervisorToMachine] = "runtime calls the monitor",
        [TransitionKind.MachineToHostSupervisor] = "monitor returns to the host's kernel",
        [TransitionKind.HostSupervisorToUser] = "kernel returns to the host program",
        [TransitionKind.HostUserToSupervisor] = "host program calls its kernel",
        [TransitionKind.HostSupervisorToMachine] = "kernel calls the monitor",
        [TransitionKind.MachineToEnclaveSupervisor] = "monitor enters the runtime",
        [TransitionKind.EnclaveSupervisorToUser] = "runtime returns to the enclave program",
        [TransitionKind.EnclaveUserToMachine] = "an interrupt stops the enclave program",
        [TransitionKind.MachineToEnclaveUser] = "monitor returns to the enclave program",
    };

    public static string Write(RunStatistics statistics, IReadOnlyList<ReadOnlyMemory<byte>> measurements)
    {
        var text = new StringBuilder();
        foreach (ReadOnlyMemory<byte> measurement in measurements)
        {
            string hex = Convert.ToHexStringLower(measurement.Span);
            text.Append($"\nMeasurement (SHA3-512 of loader, runtime and eapp):\n");
            for (int i = 0; i < hex.Length; i += HexColumns)
                text.Append($"  {hex.AsSpan(i, Math.Min(HexColumns, hex.Length - i))}\n");
        }

        EdgeCallCounts calls = statistics.EdgeCalls;
        text.Append($"\nEdge calls: {calls.Count:N0}, each {StatisticsReport.Range(calls)} privilege transitions.\n");
        text.Append($"\nPrivilege transitions: {statistics.Transitions.Sum(entry => entry.Value):N0}, the host program's own system calls included:\n");
        foreach ((TransitionKind kind, long count) in statistics.Transitions.Where(entry => entry.Value != 0))
            text.Append($"  {count,8:N0}  {kind,-28}{_steps[kind]}\n");
        text.Append($"\n{statistics.Instructions:N0} guest instructions in {statistics.Milliseconds:0} ms.\n");
        return text.ToString();
    }
}
