using System.Runtime.CompilerServices;
using RvJit.Machine;
using RvJit.Machine.Devices;

namespace RvJit.Monitor.Supervisor;

/// <summary>Makes enclaves whose loader and runtime are executed as guest code, and keeps what harts need for them.</summary>
/// <param name="console">Opens the machine console, where runtimes report.</param>
public sealed class GuestSupervisorFactory(Func<TextWriter> console) : IEnclaveSupervisorFactory, IDisposable
{
    private readonly ConditionalWeakTable<Hart, PrivilegedUnit> _units = [];

    internal MachineClock Clock { get; } = new() { Time = HostClock.Ticks };

    public IEnclaveSupervisor Create(SecurityMonitor monitor, int enclaveId, in EnclaveCreateArguments layout) =>
        new GuestSupervisor(monitor, layout, this, console());

    public void Dispose() => Clock.Dispose();

    /// <summary>The privileged architecture of a hart that runs Linux programs otherwise.</summary>
    internal PrivilegedUnit UnitOf(Hart hart) => _units.GetValue(hart, hart =>
    {
        var unit = new PrivilegedUnit(hart, Features(hart), Clock) { IsEnclave = true };
        unit.Counters.MachineEnabled = uint.MaxValue;
        return unit;
    });

    /// <summary>Sv39, with accessed and dirty bits set by software: what Keystone's loader counts on.</summary>
    private static HartFeatures Features(Hart hart) => new(ExtensionSet.Of(
        [.. hart.Extensions.Members.Where(extension => extension.Kind != ExtensionKind.Privileged).Select(extension => extension.Name), "sv39"]));
}
