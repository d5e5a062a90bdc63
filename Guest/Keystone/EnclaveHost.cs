using System.Numerics;
using RvJit.Guest.Linux;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.EdgeCalls;
using RvJit.Monitor.EdgeCalls.Host;

namespace RvJit.Guest.Keystone;

/// <summary>
/// The host program of an enclave that was given none, in C#: builds the enclave through the driver as Keystone's SDK
/// does (sdk/src/host/Enclave.cpp), runs and resumes it until it exits, and serves its edge calls. It runs on the hart
/// and the thread of a Linux process, so that forwarded system calls are that process's.
/// </summary>
internal sealed class EnclaveHost : IHostResumption
{
    /// <summary>Where the process sees the UTM.</summary>
    private const ulong UtmAddress = 0x1000_0000;

    /// <summary>Pages that the SDK adds to what it was asked for.</summary>
    private const ulong SparePages = 16;

    private readonly KeystoneDriver _driver;
    private readonly KeystoneFile _file;
    private readonly LinuxThread _thread;
    private readonly EnclaveCalls _calls;
    private readonly EnclaveFiles _files;
    private CreateEnclaveArgument _enclave;
    private SbiReturn _returned;

    private EnclaveHost(
        KeystoneDriver driver, KeystoneFile file, LinuxThread thread, EnclaveFiles files, in CreateEnclaveArgument enclave)
    {
        _driver = driver;
        _file = file;
        _thread = thread;
        _files = files;
        _enclave = enclave;
        _calls = new EnclaveCalls(thread, files, UtmAddress, (int)enclave.UtmSize);
    }

    /// <summary>Creates the enclave and fills its memory; what went wrong, or null. The monitor is asked when the thread runs.</summary>
    public static string? TryBuild(KeystoneDriver driver, LinuxThread thread, EnclaveFiles files, out EnclaveHost? host)
    {
        host = null;
        ulong loader = Pages(files.Loader), runtime = Pages(files.Runtime), eapp = Pages(files.Eapp);
        ulong free = (files.FreeMemory + HostMemory.PageSize - 1) / HostMemory.PageSize;
        var argument = new CreateEnclaveArgument
        {
            MinimumPages = loader + runtime + eapp + free + SparePages,
            UtmSize = BitOperations.RoundUpToPowerOf2((files.UtmSize + HostMemory.PageSize - 1) / HostMemory.PageSize) * HostMemory.PageSize,
        };
        var file = new KeystoneFile(driver);
        if (driver.Create(file, ref argument) != 0)
            return $"{files.Name}: there is no memory for an enclave with {files.FreeMemory} bytes of free memory; ask for less with --freemem";
        thread.Process.OnExit(() =>
        {
            using var hart = new Hart(-1, driver.Monitor.PmpEntries);
            driver.Close(hart, file, argument.Id);
        });
        if (driver.InitializeUtm(file, ref argument) != 0)
            return $"{files.Name}: there is no memory for a shared buffer of {files.UtmSize} bytes; ask for less with --utm-size";

        argument.RuntimeAddress = argument.EpmAddress + (loader * HostMemory.PageSize);
        argument.UserAddress = argument.RuntimeAddress + (runtime * HostMemory.PageSize);
        argument.FreeAddress = argument.UserAddress + (eapp * HostMemory.PageSize);
        argument.FreeRequested = files.FreeMemory;
        PhysicalMemory memory = driver.Monitor.Memory;
        files.Loader.CopyTo(memory.Span(argument.EpmAddress, files.Loader.Length));
        files.Runtime.CopyTo(memory.Span(argument.RuntimeAddress, files.Runtime.Length));
        files.Eapp.CopyTo(memory.Span(argument.UserAddress, files.Eapp.Length));
        host = new EnclaveHost(driver, file, thread, files, argument);
        return null;
    }

    public void EnclaveReturned(Hart hart, KeystoneError error, ulong value)
    {
        _returned = new SbiReturn(error, value);
        hart.Transitions.Count(TransitionKind.HostSupervisorToUser);
    }

    /// <summary>The thread's work, from FINALIZE to the end of the process.</summary>
    public void Run(IExecutionEngine engine)
    {
        Hart hart = _thread.Hart;
        hart.Transitions.Count(TransitionKind.HostUserToSupervisor);
        long finished = _driver.Finish(hart, _file, _enclave);
        hart.Transitions.Count(TransitionKind.HostSupervisorToUser);
        if (finished != 0
            || !_driver.TryMonitorId(_file, _enclave.Id, out ulong id)
            || !_thread.World.TryMap(UtmAddress, _enclave.UtmSize, _enclave.UtmAddress, Access.ReadWrite))
        {
            _calls.Report("the security monitor refused the enclave");
            _thread.Process.Exit(EnclaveCalls.Refused);
            return;
        }

        if (_files.EdgeCalls is { } shape && !TryConnect(hart, id, shape))
        {
            _calls.Report("the security monitor refused the lanes for edge calls; the shared buffer may be too small");
            _thread.Process.Exit(EnclaveCalls.Refused);
            return;
        }

        hart.Transitions.Count(TransitionKind.HostUserToSupervisor);
        _driver.Monitor.Run(hart, id, this);
        while (IsBack(hart, engine))
        {
            switch (_returned.Error)
            {
                case KeystoneError.Success:
                    _thread.Process.Exit((int)(_returned.Value & 0xff));
                    return;
                case KeystoneError.EdgeCallHost:
                    _calls.Serve();
                    break;
                case KeystoneError.Interrupted:
                    break;
                default:
                    _calls.Report($"the security monitor stopped the enclave: {(ulong)_returned.Error} ({_returned.Error})");
                    _thread.Process.Exit(EnclaveCalls.Refused);
                    return;
            }

            hart.Transitions.Count(TransitionKind.HostUserToSupervisor);
            _driver.Monitor.Resume(hart, id, this);
        }
    }

    /// <summary>Lays out the region and gives the host's side of it to who asked for it; it ends before the enclave is destroyed.</summary>
    private bool TryConnect(Hart hart, ulong id, in EdgeCallShape shape)
    {
        SecurityMonitor monitor = _driver.Monitor;
        if (monitor.SetUpEdgeCalls(hart, id, shape).Error != KeystoneError.Success || monitor.EdgeCallRegionOf(id) is not { } region)
            return false;
        var bell = new Hart(-1, monitor.PmpEntries);
        var host = new EdgeCallHost(region, () => monitor.RingEnclave(bell, id));
        _thread.Process.OnExit(() =>
        {
            host.Dispose();
            bell.Dispose();
        });
        _calls.ShareBuffer((int)monitor.SharedBufferSize(new EnclaveCreateArguments { UtmAddress = _enclave.UtmAddress, UtmSize = _enclave.UtmSize }));
        _files.Connect?.Invoke(host);
        host.Start();
        return true;
    }

    /// <summary>Runs the enclave until the hart is the host's again; false when the process is to end.</summary>
    private bool IsBack(Hart hart, IExecutionEngine engine)
    {
        while (hart.Memory != _thread.World)
        {
            if (HartRunner.Step(hart, engine) == TrapOutcome.Exit)
                return false;
        }

        // Signals that came while the host itself was at work.
        return hart.Requests == HartRequests.None
            ? !_thread.Process.Exiting
            : hart.World.TrapHandler!.Handle(hart, Trap.Requested) != TrapOutcome.Exit;
    }

    private static ulong Pages(byte[] file) => ((ulong)file.Length + HostMemory.PageSize - 1) / HostMemory.PageSize;
}
