using System.Runtime.InteropServices;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Signals;

namespace RvJit.Cli;

/// <summary>
/// While a guest runs, signals that a user or a shell sends to rvjit are the guest's: it handles, ignores or dies of
/// them, and rvjit ends as it does.
/// </summary>
public sealed class HostSignals : IDisposable
{
    private static readonly int[] _forwarded =
    [
        Signal.SIGHUP, Signal.SIGINT, Signal.SIGQUIT, Signal.SIGUSR1, Signal.SIGUSR2, Signal.SIGTERM, Signal.SIGWINCH,
    ];

    private readonly PosixSignalRegistration[] _registrations;

    public HostSignals(LinuxProcess process) =>
        _registrations = Array.ConvertAll(_forwarded, signal => PosixSignalRegistration.Create((PosixSignal)signal, context =>
        {
            context.Cancel = true;
            process.Signals.Send(SigInfo.From(signal, SigInfo.User, pid: 0, uid: 0));
        }));

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }
}
