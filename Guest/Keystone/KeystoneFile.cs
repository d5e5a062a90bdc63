using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.EdgeCalls;

namespace RvJit.Guest.Keystone;

/// <summary>
/// One open file of /dev/keystone_enclave. It remembers the enclave it created last: mmap means that one, and closing
/// destroys it (Keystone linux-keystone-driver/keystone-ioctl.c, keystone.c).
/// </summary>
internal sealed class KeystoneFile(KeystoneDriver driver) : GuestFile
{
    private readonly List<(DeviceMapRequest Request, DriverEnclave Enclave)> _mappings = [];
    private HostWait? _spare;
    private ulong _enclave;
    private bool _created;

    public override string Path => KeystoneDriverAbi.DevicePath;

    /// <summary>Shared buffer and EPM are data; upstream takes whatever the host asks for.</summary>
    public override Access MostMapAccess =>
        driver.Monitor.Model.Has(Weakness.ExecutableSharedBuffer) ? Access.All : Access.ReadWrite;

    /// <summary>Whatever the direction bits say: _IOC_SIZE bytes in, then the command, then the same bytes out, also on error.</summary>
    [SkipLocalsInit]
    public override long Ioctl(LinuxThread thread, uint request, ulong argument)
    {
        if (argument == 0)
            return -Errno.EINVAL;
        Span<byte> data = stackalloc byte[KeystoneDriverAbi.LargestArgument];
        data = data[..KeystoneDriverAbi.ArgumentSize(request)];
        if (!thread.World.TryRead(argument, data))
            return -Errno.EFAULT;

        long result;
        switch (request)
        {
            case KeystoneDriverAbi.Create:
                result = Create(ref As<CreateEnclaveArgument>(data));
                break;
            case KeystoneDriverAbi.UtmInit:
                result = driver.InitializeUtm(this, ref As<CreateEnclaveArgument>(data));
                break;
            case KeystoneDriverAbi.Finalize:
                result = driver.Finish(thread.Hart, this, As<CreateEnclaveArgument>(data));
                break;
            case KeystoneDriverAbi.Destroy:
                result = Destroy(thread, As<CreateEnclaveArgument>(data).Id);
                break;
            case KeystoneDriverAbi.Run:
            case KeystoneDriverAbi.Resume:
                result = Enter(thread, request == KeystoneDriverAbi.Run, As<RunEnclaveArgument>(data).Id, argument);
                if (result == SyscallTable.NoReturn)
                    return result;
                break;
            case KeystoneDriverAbi.Receive:
                result = driver.Receive(this, thread.Hart, ref As<ReceiveArgument>(data));
                break;
            case AecAbi.SetupRequest:
                result = driver.SetUpEdgeCalls(this, thread, ref As<AecSetup>(data));
                break;
            case AecAbi.TearDownRequest:
                result = driver.TearDownEdgeCalls(this, thread, ref As<AecDoor>(data));
                break;
            case AecAbi.DoorRequest:
                result = driver.VisitDoor(this, thread, ref As<AecDoor>(data));
                break;
            case AecAbi.CountersRequest:
                result = driver.ReadCounters(this, ref As<AecCounters>(data));
                break;
            default:
                return -Errno.ENOSYS;
        }

        return thread.World.TryWrite(argument, data) ? result : -Errno.EFAULT;
    }

    public override long TryMap(LinuxThread thread, in DeviceMapRequest request, out ulong physical)
    {
        long error = driver.Map(this, _enclave, request.Length, request.Offset, out physical, out DriverEnclave? enclave);
        if (error == 0)
        {
            lock (_mappings)
                _mappings.Add((request, enclave!));
        }

        return error;
    }

    public override void Unmapped(in DeviceMapRequest request)
    {
        DeviceMapRequest gone = request;
        DriverEnclave enclave;
        lock (_mappings)
        {
            int i = _mappings.FindIndex(m => m.Request == gone);
            if (i < 0)
                return;
            enclave = _mappings[i].Enclave;
            _mappings.RemoveAt(i);
        }

        driver.Unmap(enclave);
    }

    protected override void Close()
    {
        // The thread that closes is gone when its process is: a hart of the kernel's own makes the last call.
        if (!_created)
            return;
        using var hart = new Hart(-1, driver.Monitor.PmpEntries);
        driver.Close(hart, this, _enclave);
    }

    private static ref T As<T>(Span<byte> data)
        where T : struct => ref MemoryMarshal.AsRef<T>(data);

    private long Create(ref CreateEnclaveArgument argument)
    {
        long result = driver.Create(this, ref argument);
        if (result != 0)
            return result;
        _enclave = argument.Id;
        _created = true;
        return 0;
    }

    private long Destroy(LinuxThread thread, ulong id)
    {
        long result = driver.Destroy(thread.Hart, this, id);
        if (result == 0 && id == _enclave)
            _enclave = 0;
        return result;
    }

    /// <summary>The hart goes into the enclave; the ioctl ends in <see cref="HostWait.EnclaveReturned"/>.</summary>
    private long Enter(LinuxThread thread, bool first, ulong id, ulong argument)
    {
        if (!driver.TryMonitorId(this, id, out ulong monitorId) || !TryReference())
            return -Errno.EINVAL;
        HostWait wait = Interlocked.Exchange(ref _spare, null) ?? new HostWait(this);
        wait.Set(thread, argument, id);
        if (first)
            driver.Monitor.Run(thread.Hart, monitorId, wait);
        else
            driver.Monitor.Resume(thread.Hart, monitorId, wait);
        return SyscallTable.NoReturn;
    }

    /// <summary>A RUN or RESUME ioctl whose thread is inside the enclave.</summary>
    private sealed class HostWait(KeystoneFile file) : IHostResumption
    {
        private LinuxThread? _thread;
        private ulong _argument;
        private ulong _id;

        public void Set(LinuxThread thread, ulong argument, ulong id)
        {
            _thread = thread;
            _argument = argument;
            _id = id;
        }

        public void EnclaveReturned(Hart hart, KeystoneError error, ulong value)
        {
            LinuxThread thread = _thread!;
            var answer = new RunEnclaveArgument { Id = _id, Error = (ulong)error, Value = value };
            long result = thread.World.TryWrite(_argument, answer) ? 0 : -Errno.EFAULT;
            Volatile.Write(ref file._spare, this);
            file.Release();
            thread.CompleteSyscall(result);
        }
    }
}
