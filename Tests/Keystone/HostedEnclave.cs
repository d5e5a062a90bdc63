using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using RvJit.Guest.Keystone;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Loading;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.EdgeCalls;
using RvJit.Monitor.EdgeCalls.Host;
using RvJit.Monitor.Runtime;
using RvJit.Monitor.Supervisor;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Keystone;

/// <summary>A prebuilt enclave whose host is C#, with lanes for edge calls both ways; what it prints is kept.</summary>
internal sealed class HostedEnclave : IDisposable
{
    // Guest/Programs/keystone/keystone_abi.h, CALL_GET_ARG and CALL_KEEP.
    private const ulong GetArgument = 7;
    private const ulong Keep = 8;

    private const ulong MemoryBytes = 1UL << 30;
    private const ushort RingOf64 = 6;

    private readonly string _path = Path.GetTempFileName();
    private readonly SafeFileHandle _output;
    private readonly StringWriter _console = new();
    private readonly PhysicalMemory _memory = new(MemoryBytes);
    private readonly Engine _engine;
    private readonly LinuxProcess _process;
    private readonly GuestSupervisorFactory _guestSupervisors;

    /// <param name="eapp">A prebuilt program.</param>
    /// <param name="tier">How it runs.</param>
    /// <param name="connect">Registers services, perhaps calls.</param>
    /// <param name="arguments">What edge call GET_ARG answers; 0 behind their end.</param>
    public HostedEnclave(string eapp, Tier tier, Action<EdgeCallHost> connect, params ulong[] arguments)
        : this(eapp, tier, guestRuntime: false, connect, arguments)
    {
    }

    /// <param name="eapp">A prebuilt program.</param>
    /// <param name="tier">How it runs.</param>
    /// <param name="guestRuntime">Its S-mode is guest code, too.</param>
    /// <param name="connect">Registers services, perhaps calls.</param>
    /// <param name="arguments">What edge call GET_ARG answers; 0 behind their end.</param>
    public HostedEnclave(string eapp, Tier tier, bool guestRuntime, Action<EdgeCallHost> connect, params ulong[] arguments)
    {
        _output = File.OpenHandle(_path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, FileOptions.DeleteOnClose);
        _engine = new Engine(new EngineOptions(tier));
        _guestSupervisors = new GuestSupervisorFactory(() => _console);
        Monitor = new SecurityMonitor(
            _memory, guestRuntime ? _guestSupervisors : new EnclaveRuntimeFactory(_engine, () => _console, new WorldOptions(TrappingFiller: true)));
        var driver = new KeystoneDriver(Monitor);
        var kernel = new LinuxKernel(_engine, new LinuxOptions { ProcessId = 1000, TrappingFiller = true }, FileSystemGroups.All, [driver]);
        driver.Attach(kernel);
        var launcher = new LinuxLauncher(kernel, _memory, Monitor.PmpEntries);
        var files = new EnclaveFiles
        {
            Name = eapp,
            Eapp = Read(eapp),
            Runtime = Read("runtime.elf"),
            Loader = Read("loader.bin"),
            UtmSize = 4 << 20,
            EdgeCalls = new EdgeCallShape(OcallLanes: 1, EcallLanes: 1, RingOf64),
            Calls = new Dictionary<ulong, Func<byte[], byte[]>>
            {
                [GetArgument] = index => Word(arguments.ElementAtOrDefault((int)BinaryPrimitives.ReadUInt64LittleEndian(index))),
                [Keep] = bytes =>
                {
                    Kept = (bytes, Monitor.EdgeCallRegionOf((ulong)Monitor.Enclaves.Single().Id)!.TableHash.ToArray());
                    return [];
                },
            },
            Connect = host =>
            {
                Host = host;
                connect(host);
            },
        };
        if (!new EnclaveLauncher(kernel, driver, launcher).TryLaunch(files, out LinuxProcess? process, out string? error))
            throw new InvalidOperationException(error);
        _process = process;
        LinuxLauncher.Redirect(process, _output);
        launcher.Start(process);
    }

    private SecurityMonitor Monitor { get; }

    /// <summary>The host's side; there once the monitor has laid out the region.</summary>
    public EdgeCallHost? Host { get; private set; }

    /// <summary>What edge call KEEP brought, and the monitor's hash of the sealed table at that time.</summary>
    public (byte[] Bytes, byte[] TableHash)? Kept { get; private set; }

    /// <summary>What the enclave returned, after its end.</summary>
    public int Result
    {
        get
        {
            if (!_process.Ended.Wait(Long))
                throw new TimeoutException($"the enclave hangs: {_console}");
            return _process.WaitForExit().ShellCode;
        }
    }

    public string Output => File.ReadAllText(_path);

    // Guest/Programs/edgecalls/measure.h, and enum aec_backend.
    public const int Work = 0, Mark = 1, Report = 2, Stop = 3;
    public const ulong Poll = 3, Adaptive = 4;
    private const ulong Ocalls = 0, Ecalls = 1;

    /// <summary>Long enough for anything that ends.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    /// <summary>An enclave that serves; the host's side as soon as it is there.</summary>
    public static HostedEnclave Serving(
        Tier tier, ulong backend, ulong cost, out EdgeCallHost host, Action<EdgeCallHost>? connect = null, bool guestRuntime = false)
    {
        using var connected = new ManualResetEventSlim();
        var enclave = new HostedEnclave("eapp-edgecalls", tier, guestRuntime, side =>
        {
            connect?.Invoke(side);
            connected.Set();
        }, Ecalls, backend, 0, 0, 0, 0, cost, 0, 0, 0, 0);
        if (!connected.Wait(Long))
            throw new TimeoutException("the enclave was not created");
        host = enclave.Host!;
        return enclave;
    }

    /// <summary>An enclave that calls; its report is words of struct measure_report.</summary>
    public static HostedEnclave Calling(Tier tier, ulong backend, int calls, int payload, int batch, Action<EdgeCallHost> connect, out Func<ulong[]> report)
    {
        ulong[] words = [];
        report = () => words;
        return new HostedEnclave("eapp-edgecalls", tier, host =>
        {
            connect(host);
            host.Register(Mark, static (ref EdgeCallRequest _) => AecStatus.Ok);
            host.Register(Report, (ref EdgeCallRequest request) =>
            {
                byte[] bytes = request.Argument.ToArray();
                words = [.. Enumerable.Range(0, bytes.Length / sizeof(ulong)).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong))))];
                return AecStatus.Ok;
            });
        }, Ocalls, backend, (ulong)calls, (ulong)payload, (ulong)payload, (ulong)batch, 0, 0, 0, 0, 0);
    }

    /// <summary>Asks an enclave that serves to return.</summary>
    public async Task<int> Finish()
    {
        await Host!.CallAsync(Stop, default).AsTask().WaitAsync(Long);
        return Result;
    }

    public static byte[] Word(ulong value)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    /// <summary>The region, header page of its upper half first: what the enclave may write, whatever it is.</summary>
    public Span<byte> EnclaveHalf()
    {
        EdgeCallRegion region = Monitor.EdgeCallRegionOf((ulong)Monitor.Enclaves.Single().Id)!;
        return _memory.Span(region.Upper, (int)(region.Length / 2));
    }

    public void TearDownEdgeCalls()
    {
        using var hart = new Hart(-1, Monitor.PmpEntries);
        Monitor.TearDownEdgeCalls(hart, (ulong)Monitor.Enclaves.Single().Id);
    }

    /// <summary>The process ends and its enclave with it, whatever it does.</summary>
    public void End()
    {
        _process.Exit(0);
        if (!_process.Ended.Wait(Long))
            throw new TimeoutException($"the enclave cannot be ended: {_console}");
    }

    public void Dispose()
    {
        End();
        _engine.Dispose();
        _guestSupervisors.Dispose();
        _memory.Dispose();
        _output.Dispose();
        _console.Dispose();
    }

    private static byte[] Read(string name) => File.ReadAllBytes(Repository.PathOf("Guest", "Programs", "prebuilt", name));
}
