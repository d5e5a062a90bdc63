using RvJit.Machine;
using RvJit.Machine.Board;
using RvJit.Machine.Paging;
using RvJit.Monitor.Sbi;

namespace RvJit.Cli.Machines;

/// <summary>A hart of a machine with what the privileged architecture and paging hang on it.</summary>
public sealed unsafe class MachineHart : IDisposable
{
    // Registers of the boot protocol (OpenSBI documentation, "Platform Firmware").
    private const int A0 = 10;
    private const int A1 = 11;
    private const int A2 = 12;

    private readonly Hart _hart;
    private readonly PrivilegedUnit _unit;
    private readonly ulong? _mostInstructions;

    public MachineHart(int id, MachineOptions options, MachineMemory memory, IMachineClock clock)
    {
        _hart = new Hart(id, options.PmpEntries) { Extensions = options.Extensions };
        var paged = new PagedMemory(_hart, memory);
        _unit = new PrivilegedUnit(_hart, new HartFeatures(options.Extensions), clock, options.Observation.CyclesAreInstructions);
        Firmware = new SbiHart(_hart, _unit, paged);
        _mostInstructions = options.Observation.MostInstructions;
        if (_mostInstructions is { } limit)
            _hart.State->RetiredLimit = limit;
    }

    public int Id => _hart.Id;

    public ulong Pc => _hart.State->Pc;

    public IInterruptLines Lines => _unit.Interrupts;

    /// <summary>The hart as native firmware sees it.</summary>
    public SbiHart Firmware { get; }

    /// <summary>Puts native firmware under the hart.</summary>
    public void UseFirmware(INativeFirmware firmware) => _unit.Traps.Firmware = firmware;

    /// <summary>State after reset, with the registers that firmware expects.</summary>
    public void Start(ulong entry, ulong deviceTree, ulong dynamicInformation)
    {
        _hart.State->Pc = entry;
        _hart.State->X[A0] = (ulong)_hart.Id;
        _hart.State->X[A1] = deviceTree;
        _hart.State->X[A2] = dynamicInformation;
    }

    /// <summary>Runs under native firmware: whenever the hart is started, until it is stopped again.</summary>
    public MachineExit? RunStarted(IExecutionEngine engine)
    {
        while (Firmware.AwaitStart())
        {
            MachineExit? exit = Run(engine);
            if (exit is not null || Firmware.State != SbiHartState.StopPending)
                return exit;
        }

        return null;
    }

    /// <summary>Runs until the hart is asked to stop, or cannot go on: then the machine's exit is returned.</summary>
    public MachineExit? Run(IExecutionEngine engine)
    {
        HartRunner.Run(_hart, engine);
        if (_unit.Traps.Failure is { } failure)
            return new MachineExit(MachineExitReason.Stuck, ExitCode.Stuck, $"{failure.Reason}\n{failure.Registers}");
        return (_unit.Traps.EndedBy & HartRequests.Limit) != 0
            ? new MachineExit(MachineExitReason.Limit, ExitCode.Limit, $"hart {Id} has executed {_mostInstructions} instructions, the limit")
            : null;
    }

    public void RequestStop()
    {
        _hart.Request(HartRequests.Stop);
        Firmware.End();
    }

    public void Dispose() => _hart.Dispose();
}
