using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RvJit.Machine;
using RvJit.Monitor.Attestation;

namespace RvJit.Monitor;

/// <summary>
/// The Keystone security monitor, native: it owns M-mode of every hart, keeps enclaves apart from the host and from
/// each other by PMP, and moves harts between them. It is a state machine: RUN and RESUME move the hart into the
/// enclave's world and return; the hart's outer loop runs the enclave; STOP and EXIT bring the host back and tell
/// <see cref="IHostResumption"/>. Sources: Keystone sm/src/sm-sbi-opensbi.c, sm-sbi.c, enclave.c, pmp.c.
/// <para>
/// Deliberately unlike upstream: EPM and UTM must be RAM, and what <see cref="Weakness"/> lists, unless the model is
/// <see cref="SecurityModel.Stock"/>.
/// </para>
/// </summary>
public sealed partial class SecurityMonitor
{
    private static readonly FrozenSet<ulong> s_functions = Enum.GetValues<KeystoneFunction>().Select(function => (ulong)function).ToFrozenSet();

    private readonly Lock _lock = new();
    private readonly IEnclaveSupervisorFactory _supervisors;
    private readonly SecurityMonitorOptions _options;
    private readonly PmpRegionTable _regions;
    private readonly int _monitorRegion;
    private readonly int _systemRegion;
    private readonly PmpRegisters _hostView;
    private readonly List<World> _hostWorlds = [];
    private readonly ConditionalWeakTable<Hart, HartRecord> _harts = [];
    private readonly Enclave?[] _enclaves;

    /// <summary>Boots the monitor; it takes the first 2 MiB of RAM, so nothing may have been allocated there yet.</summary>
    public SecurityMonitor(PhysicalMemory memory, IEnclaveSupervisorFactory supervisors, SecurityMonitorOptions? options = null)
    {
        Memory = memory;
        _supervisors = supervisors;
        _options = options ?? new SecurityMonitorOptions();
        _enclaves = new Enclave?[_options.MaximumEnclaves];
        _identity = new Lazy<MonitorIdentity>(_options.Identity);
        _stack = Model.Has(Weakness.StaleReport) ? new byte[AttestationReport.DataCapacity] : null;
        _regions = new PmpRegionTable(_options.PmpEntries, Model.Has(Weakness.SharedLastPmpRegister));
        _hostView = new PmpRegisters(_options.PmpEntries);
        if (!memory.TryAllocate(KeystoneAbi.MonitorSize, KeystoneAbi.MonitorSize, out ulong own) || own != memory.Base)
            throw new InvalidOperationException("the security monitor needs the first 2 MiB of RAM; make it before anything that allocates");

        // Keystone sm/src/sm.c, smm_init and osm_init.
        _regions.Add(own, KeystoneAbi.MonitorSize, PmpPriority.Top, mayOverlap: false, out _monitorRegion);
        _regions.Add(0, PmpRegion.WholeSpace, PmpPriority.Bottom, mayOverlap: true, out _systemRegion);
        ProgramHost(_hostView);
    }

    public PhysicalMemory Memory { get; }

    /// <summary>PMP registers a hart must have.</summary>
    public int PmpEntries => _options.PmpEntries;

    public SecurityModel Model => _options.Model;

    public EdgeCallStatistics EdgeCalls { get; } = new();

    /// <summary>Programs the PMP of a hart that starts. Harts that were not announced are on their first call.</summary>
    public void AddHart(Hart hart)
    {
        lock (_lock)
            _ = RecordOf(hart);
    }

    /// <summary>From now on the world sees memory through the host's PMP: no monitor, no EPM.</summary>
    public void AddHostWorld(World world)
    {
        lock (_lock)
        {
            if (_hostWorlds.Contains(world))
                return;
            _hostWorlds.Add(world);
            world.ApplyPmp(_hostView);
        }
    }

    /// <summary>The world is about to be disposed of.</summary>
    public void RemoveHostWorld(World world)
    {
        lock (_lock)
            _hostWorlds.Remove(world);
    }

    /// <summary>The enclaves that exist, by id.</summary>
    public IReadOnlyList<EnclaveInfo> Enclaves
    {
        get
        {
            lock (_lock)
            {
                return [.. _enclaves.OfType<Enclave>().Select(
                    e => new EnclaveInfo(e.Id, e.State, e.Layout, e.Measurement, e.Supervisor?.World))];
            }
        }
    }

    /// <summary>From any thread: the machine timer rings on every hart that is inside an enclave, and its host hears 100002.</summary>
    public void Tick()
    {
        lock (_lock)
        {
            foreach (KeyValuePair<Hart, HartRecord> hart in _harts)
            {
                if (hart.Value.Inside is not null)
                    hart.Key.Request(HartRequests.Interrupt);
            }
        }
    }

    /// <summary>
    /// Who may call what: 2000..2999 the host, 3000..3999 an enclave, by what the hart is doing and not by who asks
    /// (Keystone sm/src/sm-sbi-opensbi.c).
    /// </summary>
    public KeystoneError Gate(Hart hart, ulong function)
    {
        lock (_lock)
            return Gate(RecordOf(hart), function);
    }

    /// <summary>FID 2001. The arguments are a copy that the caller can no longer change.</summary>
    public SbiReturn Create(Hart hart, in EnclaveCreateArguments arguments)
    {
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)KeystoneFunction.Create);
            int id = 0;
            if (error == KeystoneError.Success)
                error = Create(arguments, out id);
            Return(hart, record);
            return new SbiReturn(error, (ulong)id);
        }
    }

    /// <summary>FID 2002.</summary>
    public SbiReturn Destroy(Hart hart, ulong enclaveId)
    {
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)KeystoneFunction.Destroy);
            if (error == KeystoneError.Success)
                error = Find(enclaveId) is { State: <= EnclaveState.Stopped } enclave ? Destroy(enclave) : KeystoneError.NotDestroyable;
            Return(hart, record);
            return new SbiReturn(error);
        }
    }

    /// <summary>FID 3001: a random word. Upstream's generic platform derives it from the cycle counter; this one asks the host's generator.</summary>
    public SbiReturn Random(Hart hart)
    {
        KeystoneError error = Answer(hart, KeystoneFunction.Random, out _);
        ulong value = 0;
        if (error == KeystoneError.Success)
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<ulong>(ref value)));
        return new SbiReturn(error, value);
    }

    /// <summary>
    /// The SBI legacy call SET_TIMER of a runtime that boots. Harts have no timer of the monitor's: ticks are the
    /// host's, so the call only costs its transitions.
    /// </summary>
    public void SetTimer(Hart hart)
    {
        lock (_lock)
            Return(hart, Enter(hart));
    }

    /// <summary>
    /// A call that the gate refuses, or that does nothing: CALL_PLUGIN, because the generic platform is built without
    /// plugins (Keystone sm/src/plugins/plugins.c), and numbers that no call has.
    /// </summary>
    public SbiReturn Refuse(Hart hart, KeystoneFunction function)
    {
        KeystoneError error = Answer(hart, function, out _);
        return new SbiReturn(error == KeystoneError.Success ? KeystoneError.NotImplemented : error);
    }

    private static KeystoneError Gate(HartRecord record, ulong function)
    {
        if (function <= KeystoneAbi.LastDeprecatedFunction)
            return KeystoneError.Deprecated;
        bool hostOnly = function <= KeystoneAbi.LastHostFunction;
        bool enclaveOnly = !hostOnly && function <= KeystoneAbi.LastEnclaveFunction;
        if ((hostOnly && record.Inside is not null) || (enclaveOnly && record.Inside is null))
            return KeystoneError.SbiProhibited;
        return s_functions.Contains(function) ? KeystoneError.Success : KeystoneError.NotImplemented;
    }

    private KeystoneError Create(in EnclaveCreateArguments arguments, out int id)
    {
        id = 0;
        if (!arguments.AreValid()
            || !Memory.Contains(arguments.EpmAddress, arguments.EpmSize)
            || !Memory.Contains(arguments.UtmAddress, arguments.UtmSize))
        {
            return KeystoneError.IllegalArgument;
        }

        int free = Array.IndexOf(_enclaves, null);
        if (free < 0)
            return KeystoneError.NoFreeResource;
        if (_regions.Add(arguments.EpmAddress, arguments.EpmSize, PmpPriority.Any, mayOverlap: false, out int epm) != KeystoneError.Success)
            return KeystoneError.PmpFailure;
        if (_regions.Add(arguments.UtmAddress, arguments.UtmSize, PmpPriority.Bottom, mayOverlap: false, out int utm) != KeystoneError.Success)
        {
            _regions.Remove(epm);
            return KeystoneError.PmpFailure;
        }

        var enclave = new Enclave(free, arguments) { EpmRegion = epm, UtmRegion = utm };
        _enclaves[free] = enclave;
        OnEveryHart(registers => _regions[epm].Set(registers, Access.None));
        Memory.Zero(arguments.UtmAddress, arguments.UtmSize);
        enclave.Measurement = Measurement.Of(Memory, arguments);
        enclave.State = EnclaveState.Fresh;
        id = free;
        return KeystoneError.Success;
    }

    private KeystoneError Destroy(Enclave enclave)
    {
        enclave.State = EnclaveState.Destroying;
        EndUserInterrupts(enclave);
        EndEdgeCalls(enclave);
        EndSharedRegions(enclave);
        enclave.Supervisor?.Dispose();
        Memory.Zero(enclave.Layout.EpmAddress, enclave.Layout.EpmSize);
        if (!Model.Has(Weakness.StaleSharedBuffer))
            Memory.Zero(enclave.Layout.UtmAddress, enclave.Layout.UtmSize);
        PmpRegion epm = _regions[enclave.EpmRegion];
        OnEveryHart(epm.Unset);
        _regions.Remove(enclave.EpmRegion);
        _regions.Remove(enclave.UtmRegion);
        enclave.State = EnclaveState.Invalid;
        _enclaves[enclave.Id] = null;
        return KeystoneError.Success;
    }

    /// <summary>The interprocessor interrupt of Keystone sm/src/ipi.c: every hart's registers change, then every host world's view.</summary>
    private void OnEveryHart(Action<PmpRegisters> change)
    {
        foreach (KeyValuePair<Hart, HartRecord> hart in _harts)
            change(hart.Key.Pmp);
        change(_hostView);
        foreach (World world in _hostWorlds)
            world.ApplyPmp(_hostView);
    }

    private void ProgramHost(PmpRegisters registers)
    {
        _regions[_monitorRegion].Set(registers, Access.None);
        _regions[_systemRegion].Set(registers, Access.All);
        foreach (Enclave? enclave in _enclaves)
        {
            if (enclave is not null)
                _regions[enclave.EpmRegion].Set(registers, Access.None);
        }

        DirectEdgeCalls(registers, null);
        GrantShared(registers, null);
    }

    private Enclave? Find(ulong id) => (uint)id < (uint)_enclaves.Length ? _enclaves[(uint)id] : null;

    private HartRecord RecordOf(Hart hart)
    {
        if (_harts.TryGetValue(hart, out HartRecord? record))
            return record;
        if (hart.Pmp.Count < _options.PmpEntries)
            throw new InvalidOperationException($"hart {hart.Id} has {hart.Pmp.Count} PMP registers, the monitor uses {_options.PmpEntries}");
        ProgramHost(hart.Pmp);
        record = new HartRecord();
        _harts.Add(hart, record);
        return record;
    }

    /// <summary>An ecall from S-mode reaches the monitor.</summary>
    private HartRecord Enter(Hart hart)
    {
        HartRecord record = RecordOf(hart);
        hart.Transitions.Count(record.Inside is null
            ? TransitionKind.HostSupervisorToMachine
            : TransitionKind.EnclaveSupervisorToMachine);
        return record;
    }

    /// <summary>The ecall returns to where it came from.</summary>
    private static void Return(Hart hart, HartRecord record) => hart.Transitions.Count(record.Inside is null
        ? TransitionKind.MachineToHostSupervisor
        : TransitionKind.MachineToEnclaveSupervisor);
}
