using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;
using RvJit.Machine;
using RvJit.Monitor;

namespace RvJit.Guest.Keystone;

/// <summary>
/// The Keystone kernel module: /dev/keystone_enclave and the enclaves made through it (Keystone linux-keystone-driver).
/// Deliberately unlike upstream: an enclave belongs to the process that made it, mmap offsets are checked, a failed or
/// repeated FINALIZE leaves nothing dangling, an enclave that was never finalized can be destroyed.
/// </summary>
public sealed class KeystoneDriver(SecurityMonitor monitor) : IDeviceProvider
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, DriverEnclave> _enclaves = [];
    private readonly HashSet<LinuxProcess> _processes = [];

    public SecurityMonitor Monitor { get; } = monitor;

    private PhysicalMemory Memory => Monitor.Memory;

    /// <summary>
    /// Every hart of the kernel gets the monitor's PMP before its first instruction, every process's world sees memory
    /// through it.
    /// </summary>
    public void Attach(LinuxKernel kernel) => kernel.ThreadStarting += thread =>
    {
        Monitor.AddHart(thread.Hart);
        AddProcess(thread.Process);
    };

    public bool Provides(string path) => path == KeystoneDriverAbi.DevicePath;

    public bool TryOpen(string path, int flags, LinuxThread thread, out GuestFile? file, out long error)
    {
        error = 0;
        file = null;
        if (!Provides(path))
            return false;
        AddProcess(thread.Process);
        file = new KeystoneFile(this);
        return true;
    }

    /// <summary>CREATE: EPM of at least as many pages, a new user id.</summary>
    internal long Create(LinuxProcess process, ref CreateEnclaveArgument argument)
    {
        // Keystone linux-keystone-driver/keystone-page.c, epm_init takes an unsigned int.
        if (!DriverEnclave.TryAllocatePages(Memory, (uint)argument.MinimumPages, out ulong address, out ulong bytes))
            return -Errno.ENOMEM;
        lock (_lock)
        {
            ulong id = KeystoneDriverAbi.FirstId;
            while (_enclaves.ContainsKey(id))
                id++;
            if (id >= KeystoneDriverAbi.IdLimit)
            {
                Memory.Free(address, bytes);
                return -Errno.ENOMEM;
            }

            _enclaves.Add(id, new DriverEnclave(id, process, address, bytes));
            argument.Id = id;
        }

        argument.EpmAddress = address;
        argument.EpmSize = bytes;
        return 0;
    }

    internal long InitializeUtm(LinuxProcess process, ref CreateEnclaveArgument argument)
    {
        lock (_lock)
        {
            if (Find(process, argument.Id) is not { Finalized: false, UtmSize: 0 } enclave)
                return -Errno.EINVAL;
            if (!enclave.TryAllocateUtm(Memory, argument.UtmSize))
                return -Errno.ENOMEM;
            argument.UtmAddress = enclave.UtmAddress;
            return 0;
        }
    }

    internal long Finish(Hart hart, LinuxProcess process, in CreateEnclaveArgument argument)
    {
        lock (_lock)
        {
            if (Find(process, argument.Id) is not { Finalized: false } enclave)
                return -Errno.EINVAL;
            enclave.Finalized = true;
            SbiReturn created = Monitor.Create(hart, enclave.ArgumentsFor(argument));
            if (created.Error == KeystoneError.Success)
            {
                enclave.MonitorId = created.Value;
                return 0;
            }

            _enclaves.Remove(enclave.Id);
            enclave.Retire(Memory);
            return -Errno.EINVAL;
        }
    }

    internal long Destroy(Hart hart, LinuxProcess process, ulong id)
    {
        lock (_lock)
        {
            if (Find(process, id) is not { } enclave)
                return -Errno.EINVAL;
            if (enclave.MonitorId != DriverEnclave.NotCreated
                && Monitor.Destroy(hart, enclave.MonitorId).Error != KeystoneError.Success)
            {
                return -Errno.EINVAL;
            }

            _enclaves.Remove(enclave.Id);
            enclave.Retire(Memory);
            return 0;
        }
    }

    /// <summary>The monitor's id for RUN and RESUME; the monitor itself answers for enclaves it does not have.</summary>
    internal bool TryMonitorId(LinuxProcess process, ulong id, out ulong monitorId)
    {
        lock (_lock)
        {
            DriverEnclave? enclave = Find(process, id);
            monitorId = enclave?.MonitorId ?? 0;
            return enclave is not null;
        }
    }

    /// <summary>
    /// mmap: page by page of the EPM before FINALIZE, at the offset asked for; afterwards the UTM from its start,
    /// whatever the offset (Keystone linux-keystone-driver/keystone.c, keystone_mmap).
    /// </summary>
    internal long Map(LinuxProcess process, ulong id, ulong length, ulong offset, out ulong physical, out DriverEnclave? mapped)
    {
        physical = 0;
        mapped = null;
        lock (_lock)
        {
            if (Find(process, id) is not { } enclave)
                return -Errno.EINVAL;
            if (enclave.Finalized)
            {
                if (length > enclave.UtmSize)
                    return -Errno.EINVAL;
                physical = enclave.UtmAddress;
            }
            else
            {
                const ulong Page = HostMemory.PageSize; // whatever part of it was asked for
                if (length > Page || offset >= enclave.EpmSize || enclave.EpmSize - offset < Page)
                    return -Errno.EINVAL;
                physical = enclave.EpmAddress + offset;
            }

            enclave.Hold();
            mapped = enclave;
            return 0;
        }
    }

    internal void Unmap(DriverEnclave enclave)
    {
        lock (_lock)
            enclave.LetGo(Memory);
    }

    private DriverEnclave? Find(LinuxProcess process, ulong id) =>
        _enclaves.TryGetValue((uint)id, out DriverEnclave? enclave) && enclave.Owner == process ? enclave : null;

    private void AddProcess(LinuxProcess process)
    {
        lock (_lock)
        {
            if (!_processes.Add(process))
                return;
        }

        Monitor.AddHostWorld(process.World);
        process.OnExit(() =>
        {
            Monitor.RemoveHostWorld(process.World);
            lock (_lock)
                _processes.Remove(process);
        });
    }
}
