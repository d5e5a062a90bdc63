using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;

namespace RvJit.Tests.Monitor;

/// <summary>RAM, a monitor, a host world and one host hart; the test itself plays the host's kernel and the eapp.</summary>
internal sealed unsafe class MonitorBoard : IHostResumption, IDisposable
{
    public const ulong HostAddress = 0x100_0000;

    private readonly List<Hart> _harts = [];

    public MonitorBoard(SecurityMonitorOptions? options = null, ulong ramBytes = 256 << 20, IEnclaveSupervisorFactory? supervisors = null)
    {
        Memory = new PhysicalMemory(ramBytes);
        Monitor = new SecurityMonitor(
            Memory, supervisors ?? new EnclaveRuntimeFactory(null, () => Console, new WorldOptions(TrappingFiller: true)), options);
        HostWorld = new World("host", Memory, new WorldOptions(TrappingFiller: true));
        Monitor.AddHostWorld(HostWorld);
        Hart = AddHart();
    }

    public PhysicalMemory Memory { get; }

    public SecurityMonitor Monitor { get; }

    public World HostWorld { get; }

    public Hart Hart { get; }

    public StringWriter Console { get; } = new();

    /// <summary>What RUN or RESUME last returned; null while the hart is inside.</summary>
    public SbiReturn? Returned { get; private set; }

    public World EnclaveWorld => Monitor.Enclaves[0].World!;

    public Hart AddHart()
    {
        var hart = new Hart(_harts.Count, Monitor.PmpEntries);
        _harts.Add(hart);
        Monitor.AddHart(hart);
        hart.EnterWorld(HostWorld);
        return hart;
    }

    public void EnclaveReturned(Hart hart, KeystoneError error, ulong value) => Returned = new SbiReturn(error, value);

    public ulong Allocate(ulong bytes, ulong alignment = 0) =>
        Memory.TryAllocate(bytes, alignment == 0 ? bytes : alignment, out ulong address)
            ? address
            : throw new InvalidOperationException("the test board is too small");

    /// <summary>Puts files into a new EPM as the SDK does.</summary>
    public EnclaveCreateArguments Load(byte[] loader, byte[] runtime, byte[] eapp, ulong epmBytes, ulong utmBytes)
    {
        ulong epm = Allocate(epmBytes);
        ulong utm = Allocate(utmBytes);
        ulong runtimeAt = Copy(loader, epm);
        ulong userAt = Copy(runtime, runtimeAt);
        ulong freeAt = Copy(eapp, userAt);
        return new EnclaveCreateArguments(epm, epmBytes, utm, utmBytes, runtimeAt, userAt, freeAt, 0);
    }

    public EnclaveCreateArguments LoadSmall(byte[]? eapp = null, ulong epmBytes = 1 << 20, ulong utmBytes = 1 << 16) =>
        Load("loader"u8.ToArray(), "runtime"u8.ToArray(), eapp ?? EnclaveImage.SmallEapp(), epmBytes, utmBytes);

    /// <summary>An enclave that stands at its eapp's first instruction.</summary>
    public EnclaveCreateArguments Start(byte[]? eapp = null, ulong epmBytes = 1 << 20, ulong utmBytes = 1 << 16)
    {
        EnclaveCreateArguments layout = LoadSmall(eapp, epmBytes, utmBytes);
        SbiReturn created = Monitor.Create(Hart, layout);
        if (created.Error != KeystoneError.Success)
            throw new InvalidOperationException($"create failed: {created.Error}");
        Run(created.Value);
        return layout;
    }

    public SbiReturn? Run(ulong id)
    {
        Returned = null;
        Monitor.Run(Hart, id, this);
        return Returned;
    }

    public SbiReturn? Resume(ulong id)
    {
        Returned = null;
        Monitor.Resume(Hart, id, this);
        return Returned;
    }

    /// <summary>The eapp executes an ecall; the value of a0 afterwards (of the host's a0 when it left).</summary>
    public ulong Ecall(ulong number, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0, ulong a5 = 0)
    {
        Returned = null;
        ulong* x = Hart.State->X;
        (x[10], x[11], x[12], x[13], x[14], x[15], x[17]) = (a0, a1, a2, a3, a4, a5, number);
        Hart.World.TrapHandler!.Handle(Hart, new Trap(TrapCause.EnvironmentCallFromU, 0));
        return Hart.State->X[10];
    }

    public Span<byte> Utm(in EnclaveCreateArguments layout) => Memory.Span(layout.UtmAddress, (int)layout.UtmSize);

    public void Dispose()
    {
        foreach (Hart hart in _harts)
            hart.LeaveWorld();
        foreach (EnclaveInfo enclave in Monitor.Enclaves)
            enclave.World?.Dispose();
        HostWorld.Dispose();
        foreach (Hart hart in _harts)
            hart.Dispose();
        Memory.Dispose();
    }

    private ulong Copy(byte[] file, ulong address)
    {
        file.CopyTo(Memory.Span(address, file.Length));
        return address + (((ulong)file.Length + 4095) & ~4095UL);
    }
}
