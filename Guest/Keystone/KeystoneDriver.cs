using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;
using RvJit.Machine;
using RvJit.Monitor;

namespace RvJit.Guest.Keystone;

/// <summary>
/// The Keystone kernel module: /dev/keystone_enclave and the enclaves made through it (Keystone linux-keystone-driver).
/// Deliberately unlike upstream, whatever the model: a failed or repeated FINALIZE leaves nothing dangling, an enclave that
/// was never finalized can be destroyed. In the hardened model an enclave belongs to the open file that made it, and mmap
/// offsets are checked.
/// </summary>
public sealed partial class KeystoneDriver(SecurityMonitor monitor) : IDeviceProvider
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, DriverEnclave> _enclaves = [];
    private readonly HashSet<LinuxProcess> _processes = [];

    public SecurityMonitor Monitor { get; } = monitor;

    private PhysicalMemory Memory => Monitor.Memory;

    private SecurityModel Model => Monitor.Model;

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
    internal long Create(KeystoneFile file, ref CreateEnclaveArgument argument)
    {
        // Keystone linux-keystone-driver/keystone-page.c, epm_init takes an unsigned int.
        uint pages = (uint)argument.MinimumPages;
        ulong address, bytes;
        if (!(Model == SecurityModel.Stock
            ? DriverEnclave.TryAllocateAsUpstream(Memory, pages, out address, out bytes)
            : DriverEnclave.TryAllocatePages(Memory, pages, out address, out bytes)))
        {
            return -Errno.ENOMEM;
        }

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

            _enclaves.Add(id, new DriverEnclave(id, file, address, bytes));
            argument.Id = id;
        }

        argument.EpmAddress = address;
        argument.EpmSize = bytes;
        return 0;
    }

    internal long InitializeUtm(KeystoneFile file, ref CreateEnclaveArgument argument)
    {
        lock (_lock)
        {
            if (Find(file, argument.Id) is not { Finalized: false, UtmSize: 0 } enclave)
                return -Errno.EINVAL;
            if (!enclave.TryAllocateUtm(Memory, argument.UtmSize))
                return -Errno.ENOMEM;
            argument.UtmAddress = enclave.UtmAddress;
            return 0;
        }
    }

    internal long Finish(Hart hart, KeystoneFile file, in CreateEnclaveArgument argument)
    {
        lock (_lock)
        {
            if (Find(file, argument.Id) is not { Finalized: false } enclave)
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

    /// <summary>
    /// The last descriptor of a file is closed: its enclaves go (upstream: the one it made last, because the others may
    /// be commanded through other files).
    /// </summary>
    internal void Close(Hart hart, KeystoneFile file, ulong last)
    {
        ulong[] own;
        lock (_lock)
            own = [.. _enclaves.Values.Where(e => e.Owner == file && (e.Id == last || !Model.Has(Weakness.UnownedEnclaves))).Select(e => e.Id)];
        foreach (ulong id in own)
            Destroy(hart, file, id);
    }

    internal long Destroy(Hart hart, KeystoneFile file, ulong id)
    {
        lock (_lock)
        {
            if (Find(file, id) is not { } enclave)
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
    internal bool TryMonitorId(KeystoneFile file, ulong id, out ulong monitorId)
    {
        lock (_lock)
        {
            DriverEnclave? enclave = Find(file, id);
            monitorId = enclave?.MonitorId ?? 0;
            return enclave is not null;
        }
    }

    internal long Receive(KeystoneFile file, Hart hart, ref ReceiveArgument argument)
    {
        if (!TryMonitorId(file, argument.Id, out ulong id))
            return -Errno.EINVAL;
        SbiReturn registered = Monitor.RegisterHostReceiver(hart, id, argument.Vector);
        argument.Sender = registered.Value;
        return registered.Error switch
        {
            KeystoneError.Success => 0,
            KeystoneError.NotImplemented => -Errno.ENOSYS,
            KeystoneError.NoFreeResource => -Errno.ENOSPC,
            _ => -Errno.EINVAL,
        };
    }

    /// <summary>
    /// mmap: page by page of the EPM before FINALIZE, at the offset asked for; afterwards the UTM from its start,
    /// whatever the offset (Keystone linux-keystone-driver/keystone.c, keystone_mmap).
    /// </summary>
    internal long Map(KeystoneFile file, ulong id, ulong length, ulong offset, out ulong physical, out DriverEnclave? mapped)
    {
        physical = 0;
        mapped = null;
        lock (_lock)
        {
            if (Find(file, id) is not { } enclave)
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
                if (length > Page)
                    return -Errno.EINVAL;
                physical = enclave.EpmAddress + offset;
                bool inside = offset < enclave.EpmSize && enclave.EpmSize - offset >= Page;
                if (!inside && !(Model.Has(Weakness.UncheckedMapOffset) && offset % Page == 0 && Memory.Contains(physical, Page)))
                    return -Errno.EINVAL;
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

    private DriverEnclave? Find(KeystoneFile file, ulong id) =>
        _enclaves.TryGetValue((uint)id, out DriverEnclave? enclave)
        && (enclave.Owner == file || Model.Has(Weakness.UnownedEnclaves)) ? enclave : null;

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
