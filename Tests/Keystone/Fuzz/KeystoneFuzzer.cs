using RvJit.Guest.Keystone;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Tests.Monitor;

namespace RvJit.Tests.Keystone.Fuzz;

/// <summary>
/// Random and mutated input for everything that a host or an enclave can say: ioctls, mappings, SBI calls, runtime calls,
/// answers in the shared buffer, and eapp files. The same seed makes the same inputs. What must hold is that nothing throws
/// and that memory outside of the enclaves stays as it is (<see cref="CheckGuards"/>).
/// </summary>
internal sealed unsafe class KeystoneFuzzer : IDisposable
{
    private const ulong Argument = 0x10_0000;
    private const ulong EappText = 0x1_0000;
    private const ulong EappData = 0x1_2000;
    private const ulong GuardBytes = 1 << 16;
    private const byte GuardByte = 0xc3;
    private const int Files = 3;

    private static readonly uint[] _requests =
    [
        KeystoneDriverAbi.Create, KeystoneDriverAbi.UtmInit, KeystoneDriverAbi.Finalize, KeystoneDriverAbi.Run, KeystoneDriverAbi.Resume,
        KeystoneDriverAbi.Destroy,
    ];

    private static readonly byte[] _eapp = EnclaveImage.SmallEapp();

    private readonly Random _random;
    private readonly MonitorBoard _board;
    private readonly KeystoneDriver _driver;
    private readonly LinuxThread _thread;
    private readonly GuestFile[] _files = new GuestFile[Files];
    private readonly ulong[] _guards;
    private readonly byte[] _bytes = new byte[256];

    public KeystoneFuzzer(int seed, SecurityModel model)
    {
        _random = new Random(seed);
        _board = new MonitorBoard(new SecurityMonitorOptions { Model = model, PmpEntries = 16 });
        _driver = new KeystoneDriver(_board.Monitor);
        _thread = new LinuxThread(new LinuxProcess(_board.HostWorld, _board.Memory), _board.Hart, 1);
        _board.HostWorld.TrapHandler = new Kernel();
        _board.HostWorld.TryMap(Argument, 4096, _board.Allocate(4096), Access.ReadWrite);
        _guards = [_board.Memory.Base, _board.Memory.Base + KeystoneAbi.MonitorSize - GuardBytes, _board.Allocate(GuardBytes), _board.Allocate(GuardBytes)];
        foreach (ulong guard in _guards)
            _board.Memory.Span(guard, (int)GuardBytes).Fill(GuardByte);
        for (int i = 0; i < Files; i++)
            _files[i] = Open();
    }

    /// <summary>Enclaves that came to run, so that a test knows the inputs reach far.</summary>
    public int Entered { get; private set; }

    public void Step()
    {
        if (_board.Hart.World.IsEnclave)
            InsideEnclave();
        else
            OutsideEnclave();
    }

    /// <summary>The monitor's memory and the host's are untouched; the hart is where its PMP says.</summary>
    public string? CheckGuards()
    {
        foreach (ulong guard in _guards)
        {
            int at = _board.Memory.Span(guard, (int)GuardBytes).IndexOfAnyExcept(GuardByte);
            if (at >= 0)
                return $"memory outside of all enclaves changed at 0x{guard + (ulong)at:x}";
        }

        foreach (EnclaveInfo enclave in _board.Monitor.Enclaves)
        {
            if (!_board.Hart.World.IsEnclave && _board.Hart.Pmp.Allows(enclave.Layout.EpmAddress, 1, Access.Read))
                return $"the host may read enclave {enclave.Id}";
        }

        return _board.Hart.Pmp.Allows(_board.Memory.Base, 1, Access.Read) ? "the monitor's memory may be read" : null;
    }

    public void Dispose()
    {
        if (_board.Hart.World.IsEnclave)
            _board.Monitor.Exit(_board.Hart, 0);
        foreach (GuestFile file in _files)
            file.Release();
        _board.Dispose();
    }

    private void OutsideEnclave()
    {
        switch (_random.Next(100))
        {
            case < 50:
                RandomIoctl();
                break;
            case < 62:
                Enter();
                break;
            case < 64:
                MakeEnclave();
                break;
            case < 80:
                Map();
                break;
            case < 82:
                int i = _random.Next(Files);
                _files[i].Release();
                _files[i] = Open();
                break;
            default:
                MonitorCall();
                break;
        }
    }

    private void InsideEnclave()
    {
        Entered++;
        switch (_random.Next(100))
        {
            case < 80:
                _board.Ecall(Call(), Value(), Value(), Value(), Value(), Value(), Value());
                break;
            case < 82:
                _board.Hart.World.TrapHandler!.Handle(_board.Hart, new Trap((TrapCause)_random.Next(16), Value()));
                break;
            case < 85:
                _board.Hart.Request(HartRequests.Interrupt);
                _board.Hart.World.TrapHandler!.Handle(_board.Hart, Trap.Requested);
                break;
            case < 90:
                _board.Hart.World.TryWrite(Value(), RandomBytes());
                break;
            default:
                MonitorCall();
                break;
        }

        if (!_board.Hart.World.IsEnclave)
            SpoilSharedBuffers();
    }

    /// <summary>A host that answers with anything: headers with plausible and impossible lengths.</summary>
    private void SpoilSharedBuffers()
    {
        foreach (EnclaveInfo enclave in _board.Monitor.Enclaves)
        {
            Span<byte> utm = _board.Utm(enclave.Layout);
            for (int field = 24; field < 56 && field + 8 <= utm.Length; field += 8)
                BitConverter.TryWriteBytes(utm[field..], _random.Next(3) == 0 ? Value() : (ulong)_random.Next(3) * 48);
            if (_random.Next(4) == 0)
                _random.NextBytes(utm[..Math.Min(utm.Length, 512)]);
        }
    }

    private void RandomIoctl()
    {
        uint request = _random.Next(20) == 0 ? (uint)_random.Next() : _requests[_random.Next(_requests.Length)];
        var argument = new CreateEnclaveArgument
        {
            Id = Id(),
            MinimumPages = _random.Next(10) == 0 ? Value() : (ulong)_random.Next(20),
            UtmSize = _random.Next(10) == 0 ? Value() : (ulong)_random.Next(20_000),
            RuntimeAddress = Value(),
            UserAddress = Value(),
            FreeAddress = Value(),
            FreeRequested = Value(),
        };
        _board.HostWorld.TryWrite(Argument, argument);
        _files[_random.Next(Files)].Ioctl(_thread, request, _random.Next(50) == 0 ? Value() : Argument);
    }

    private void Enter()
    {
        _board.HostWorld.TryWrite(Argument, new RunEnclaveArgument { Id = Id() });
        uint request = _random.Next(3) == 0 ? KeystoneDriverAbi.Run : KeystoneDriverAbi.Resume;
        foreach (GuestFile file in _files)
        {
            if (!_board.Hart.World.IsEnclave)
                file.Ioctl(_thread, request, Argument);
        }
    }

    /// <summary>A whole enclave, of an eapp with some bytes changed.</summary>
    private void MakeEnclave()
    {
        GuestFile file = _files[_random.Next(Files)];
        var made = new CreateEnclaveArgument { MinimumPages = (ulong)_random.Next(8, 64) };
        if (!Control(file, KeystoneDriverAbi.Create, ref made))
            return;
        made.UtmSize = (ulong)_random.Next(1, 9000);
        if (!Control(file, KeystoneDriverAbi.UtmInit, ref made))
            return;
        byte[] eapp = [.. _eapp];
        for (int changes = _random.Next(2) * _random.Next(8); changes > 0; changes--)
            BitConverter.TryWriteBytes(eapp.AsSpan(_random.Next(_random.Next(2) == 0 ? 256 : eapp.Length - 8)), Value());
        int room = (int)made.EpmSize - 0x2000;
        eapp.AsSpan(0, Math.Min(room, eapp.Length)).CopyTo(_board.Memory.Span(made.EpmAddress + 0x2000, room));
        made.RuntimeAddress = made.EpmAddress + 0x1000;
        made.UserAddress = made.EpmAddress + 0x2000;
        made.FreeAddress = Math.Min(made.UserAddress + 0x5000, made.EpmAddress + made.EpmSize);
        if (!Control(file, KeystoneDriverAbi.Finalize, ref made) || _random.Next(4) == 0)
            return;
        _board.HostWorld.TryWrite(Argument, new RunEnclaveArgument { Id = made.Id });
        file.Ioctl(_thread, KeystoneDriverAbi.Run, Argument);
    }

    private bool Control(GuestFile file, uint request, ref CreateEnclaveArgument argument)
    {
        _board.HostWorld.TryWrite(Argument, argument);
        bool done = file.Ioctl(_thread, request, Argument) == 0;
        _board.HostWorld.TryRead(Argument, out argument);
        return done;
    }

    private void Map()
    {
        GuestFile file = _files[_random.Next(Files)];
        var request = new DeviceMapRequest(0x20_0000, Value(), _random.Next(8), 1, _random.Next(2) == 0 ? (ulong)_random.Next(32) * 4096 : Value());
        if (file.TryMap(_thread, request, out _) == 0)
            file.Unmapped(request);
    }

    /// <summary>SBI calls from wherever the hart is: the gate decides.</summary>
    private void MonitorCall()
    {
        SecurityMonitor monitor = _board.Monitor;
        switch (_random.Next(9))
        {
            case 0:
                monitor.Create(_board.Hart, new EnclaveCreateArguments(Outside(), Value(), Outside(), Value(), Value(), Value(), Value(), Value()));
                break;
            case 1:
                monitor.Destroy(_board.Hart, MonitorId());
                break;
            case 2:
                monitor.Random(_board.Hart);
                break;
            case 3:
                monitor.Attest(_board.Hart, _bytes.AsSpan(0, _random.Next(_bytes.Length)), out _);
                break;
            case 4:
                monitor.GetSealingKey(_board.Hart, Value(), Value(), Value());
                break;
            case 5:
                monitor.Refuse(_board.Hart, (KeystoneFunction)_random.Next(1900, 4100));
                break;
            case 6:
                monitor.Stop(_board.Hart, (StopRequest)_random.Next(4));
                break;
            case 7:
                monitor.Gate(_board.Hart, Value());
                break;
            default:
                monitor.SetTimer(_board.Hart);
                break;
        }
    }

    private GuestFile Open() => _driver.TryOpen(KeystoneDriverAbi.DevicePath, 2, _thread, out GuestFile? file, out _)
        ? file!
        : throw new InvalidOperationException("the device does not open");

    private ulong Id() => _random.Next(20) == 0 ? Value() : KeystoneDriverAbi.FirstId + (ulong)_random.Next(16);

    private ulong MonitorId() => _random.Next(4) == 0 ? Value() : (ulong)_random.Next(16);

    /// <summary>Not the enclaves' own: they are the driver's, and a create that succeeds would take memory from it.</summary>
    private ulong Outside() => _random.Next(2) == 0 ? (ulong)_random.NextInt64() : _guards[_random.Next(2)];

    /// <summary>Calls that the runtime knows, more often than others; rarely the one that ends the enclave.</summary>
    private ulong Call() => _random.Next(40) switch
    {
        0 => 1101,
        < 12 => (ulong)_random.Next(1000, 1005),
        < 38 => (ulong)_random.Next(17, 300),
        _ => Value(),
    };

    private ulong Value() => _random.Next(14) switch
    {
        0 => 0,
        1 => (ulong)_random.Next(64),
        2 => (ulong)_random.Next(1 << 14),
        3 => EappText + (ulong)_random.Next(4096),
        4 or 5 => EappData + (ulong)_random.Next(8192),
        6 => 0x4000_0000 - (ulong)_random.Next(8192),
        7 => ulong.MaxValue - (ulong)_random.Next(4096),
        8 => 1UL << _random.Next(64),
        9 => (1UL << _random.Next(64)) - 1,
        10 => _board.Memory.Base + (ulong)_random.Next(1 << 28),
        11 => (ulong)_random.NextInt64(),
        12 => (uint)_random.Next(int.MinValue, int.MaxValue),
        _ => 4096UL * (ulong)_random.Next(1 << 10),
    };

    private ReadOnlySpan<byte> RandomBytes()
    {
        Span<byte> bytes = _bytes.AsSpan(0, _random.Next(_bytes.Length));
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>The host's kernel, as far as an interrupted enclave asks it for anything.</summary>
    private sealed class Kernel : ITrapHandler
    {
        public TrapOutcome Handle(Hart hart, in Trap trap)
        {
            hart.TakeRequests();
            return TrapOutcome.Resume;
        }
    }
}
