using System.Diagnostics;
using RvJit.Cli.Statistics;
using RvJit.Guest.Boot;
using RvJit.Machine;
using RvJit.Machine.Board;
using RvJit.Machine.Devices;
using RvJit.Machine.Devices.Virtio;
using RvJit.Machine.Paging;
using RvJit.Monitor.Sbi;

namespace RvJit.Cli.Machines;

/// <summary>One machine from power-on to its end: harts, board and threads, built around a set-up and taken down again.</summary>
public sealed unsafe class MachineRun : IDisposable
{
    /// <summary>Regions chain by tail calls and need little; the compiler of the forced tier runs on these threads too.</summary>
    private const int HartStackBytes = 16 << 20;

    private readonly MachineOptions _options;
    private readonly MachineSetup _setup;
    private readonly MachineStopper _stopper;
    private readonly MachineEngine _engine;
    private readonly MachineMemory _memory;
    private readonly MachineClock _clock = new();
    private readonly List<MachineHart> _harts = [];
    private readonly List<IDisposable> _owned = [];

    public MachineRun(MachineOptions options, MachineEngine engine, MachineSetup setup, MachineStopper stopper, ICharacterPort console)
    {
        _options = options;
        _setup = setup;
        _stopper = stopper;
        var bus = new SystemBus(setup.Memory);
        _memory = new MachineMemory(bus);
        var dma = new DmaMemory(setup.Memory) { Observer = _memory };
        _engine = engine;
        for (int id = 0; id < options.Harts; id++)
            _harts.Add(new MachineHart(id, options, _memory, _clock));
        _ = new VirtBoard(new BoardParts
        {
            Bus = bus,
            Dma = dma,
            Clock = _clock,
            Stopper = stopper,
            Harts = [.. _harts.Select(hart => hart.Lines)],
            Serial = options.VirtioConsole ? new OutputOnlyPort(console) : console,
            Virtio = [.. VirtioDevices(console)],
        });
        if (setup.Htif is { } symbols)
            _ = new Htif(bus, dma, symbols, stopper, console);
        if (options.Bios is null)
            UseNativeFirmware(dma, console);
        _stopper.Stopping += StopHarts;
    }

    /// <summary>Runs until the machine stops.</summary>
    /// <param name="elapsed">What of the time limit machines before a reset have used.</param>
    public MachineOutcome Run(TimeSpan elapsed = default)
    {
        BootPlan plan = _setup.Plan;
        if (_options.Bios is null)
        {
            _harts[0].Firmware.TryStart(plan.KernelEntry, plan.DeviceTreeAddress);
        }
        else
        {
            foreach (MachineHart hart in _harts)
                hart.Start(plan.Entry, plan.DeviceTreeAddress, plan.DynamicInformationAddress);
        }

        var watch = Stopwatch.StartNew();
        Thread[] threads = [.. _harts.Select(hart => new Thread(() => RunHart(hart), HartStackBytes) { IsBackground = true, Name = $"hart {hart.Id}" })];
        foreach (Thread thread in threads)
            thread.Start();
        MachineExit exit = WaitForExit(elapsed);
        foreach (Thread thread in threads)
            thread.Join();
        watch.Stop();
        if (exit.Reason == MachineExitReason.Limit)
            exit = exit with { Message = $"{exit.Message} ({string.Join(", ", _harts.Select(hart => $"hart {hart.Id} at pc 0x{hart.Pc:x}"))})" };
        return new MachineOutcome(exit, _engine.Statistics(exit.Code, watch.Elapsed));
    }

    public void Dispose()
    {
        _stopper.Stopping -= StopHarts;
        _clock.Dispose();
        _memory.Dispose();
        foreach (MachineHart hart in _harts)
            hart.Dispose();
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }

    private IEnumerable<IVirtioDevice> VirtioDevices(ICharacterPort console)
    {
        foreach (DriveOptions drive in _options.Drives)
        {
            VirtioBlock disk = DriveFile.Open(drive);
            _owned.Add(disk);
            yield return disk;
        }

        if (_options.VirtioConsole)
            yield return new VirtioConsole(console);
    }

    /// <summary>Without firmware of the user's, M-mode is the native Supervisor Binary Interface.</summary>
    private void UseNativeFirmware(DmaMemory dma, ICharacterPort console)
    {
        var board = new SbiBoard([.. _harts.Select(hart => hart.Firmware)], dma, console, _stopper);
        var firmware = new SbiFirmware(board);
        foreach (MachineHart hart in _harts)
            hart.UseFirmware(firmware);
    }

    private void RunHart(MachineHart hart)
    {
        try
        {
            if ((_options.Bios is null ? hart.RunStarted(_engine.Engine) : hart.Run(_engine.Engine)) is { } exit)
                _stopper.Stop(exit);
        }
        catch (Exception error)
        {
            // A bug of ours in one hart ends the machine, and the main thread reports it.
            _stopper.Fail(error);
        }
    }

    private MachineExit WaitForExit(TimeSpan elapsed)
    {
        if (_options.Timeout is { } timeout && Task.WaitAny([_stopper.Exit], timeout > elapsed ? timeout - elapsed : TimeSpan.Zero) < 0)
            _stopper.Stop(new MachineExit(MachineExitReason.Limit, ExitCode.Limit, $"the guest did not end within {timeout.TotalSeconds:0.###} s"));
        return _stopper.Exit.GetAwaiter().GetResult();
    }

    private void StopHarts()
    {
        foreach (MachineHart hart in _harts)
            hart.RequestStop();
    }
}
