using System.Diagnostics;
using System.Text;
using RvJit.Cli.Inspection;
using RvJit.Cli.Output;
using RvJit.Machine.Board;

namespace RvJit.Cli.Machines;

/// <summary>A machine on the terminal: it is started again while its guest asks for a reset, and the terminal stays the same.</summary>
public sealed class MachineSession(MachineOptions options) : IDisposable
{
    private readonly Stopwatch _since = Stopwatch.StartNew();
    private readonly MachineEngine _engine = new(options);
    private MachineStopper _stopper = new();
    private CodeSymbols _symbols = CodeSymbols.None;
    private HostConsole? _console;
    private StoppingSignals? _signals;

    /// <summary>Runs to the end. After <see cref="Dispose"/> all output is written and the terminal is as it was.</summary>
    public MachineOutcome Run()
    {
        while (true)
        {
            MachineOutcome outcome = RunOnce();
            if (outcome.Exit.Reason != MachineExitReason.Reset || options.NoReboot)
            {
                _engine.Finish(_symbols);
                return outcome;
            }

            _stopper = new MachineStopper();
        }
    }

    /// <summary>Writes the device tree that the machine would start with.</summary>
    public static void DumpDeviceTree(MachineOptions options, string path)
    {
        using MachineSetup setup = MachineSetup.Load(options);
        OutputFile.Write("--dump-dtb", path, setup.Plan.DeviceTree);
    }

    public void Dispose()
    {
        _console?.Dispose();
        _signals?.Dispose();
        _engine.Dispose();
    }

    private MachineOutcome RunOnce()
    {
        using MachineSetup setup = MachineSetup.Load(options);
        if (_engine.WantsSymbols)
            _symbols = new CodeSymbols(null, setup.Plan.Code);
        _console ??= new HostConsole(quit: () => Stop(ExitCode.Success), OutputFailed);
        _signals ??= new StoppingSignals(Stop);
        using HostConsole.Line line = _console.Connect();
        using var run = new MachineRun(options, _engine, setup, _stopper, line);
        MachineOutcome outcome = run.Run(_since.Elapsed);
        if (options.Signature is { } file)
            OutputFile.Write("--signature", file, Encoding.ASCII.GetBytes(setup.FormatSignature()));
        return outcome;
    }

    private void Stop(int code)
    {
        _stopper.Stop(new MachineExit(MachineExitReason.Quit, code));
        _console?.Abandon();
    }

    private void OutputFailed(IOException error) => _stopper.Stop(StandardOutput.IsBrokenPipe(error)
        ? new MachineExit(MachineExitReason.Quit, ExitCode.BrokenPipe)
        : new MachineExit(MachineExitReason.Quit, ExitCode.BadInput, $"standard output cannot be written: {error.Message}"));
}
