using System.Runtime.InteropServices;

namespace RvJit.Cli.Machines;

/// <summary>Signals end a machine in order, so that output is written and the terminal is as it was.</summary>
public sealed class StoppingSignals : IDisposable
{
    /// <summary>What shells add to a signal's number.</summary>
    private const int SignalExit = 128;

    private static readonly (PosixSignal Signal, int Number)[] _signals =
        [(PosixSignal.SIGHUP, 1), (PosixSignal.SIGINT, 2), (PosixSignal.SIGQUIT, 3), (PosixSignal.SIGTERM, 15)];

    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="stop">Gets the exit code; called on any thread.</param>
    public StoppingSignals(Action<int> stop) => _registrations =
    [
        .. _signals.Select(entry => PosixSignalRegistration.Create(entry.Signal, context =>
        {
            context.Cancel = true;
            stop(SignalExit + entry.Number);
        })),
    ];

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }
}
