using System.Buffers.Binary;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;
using RvJit.Perf.Compare;
using RvJit.Translator;

namespace RvJit.Perf.Micro;

/// <summary>
/// One hart, a security monitor, a host of two instructions (ecall, and back to it), and the prebuilt eapp that makes
/// null OCALLs. The host's ecall is what the Keystone device's RESUME is.
/// </summary>
internal sealed unsafe class EnclaveBoard : ITrapHandler, IHostResumption, IDisposable
{
    private const ulong RamBytes = 64 << 20;
    private const ulong EpmBytes = 1 << 20;
    private const ulong UtmBytes = 1 << 16;
    private const ulong HostCode = 0x10000;
    private const ulong MoreThanEver = long.MaxValue;

    private readonly PhysicalMemory _memory = new(RamBytes);
    private readonly Engine _engine;
    private readonly SecurityMonitor _monitor;
    private readonly World _host;
    private readonly Hart _hart = new(0);
    private readonly EnclaveCreateArguments _layout;
    private readonly ulong _id;
    private int _left;

    public EnclaveBoard(Tier tier)
    {
        _engine = new Engine(new EngineOptions(tier));
        var worlds = new WorldOptions(TrappingFiller: true);
        _monitor = new SecurityMonitor(_memory, new EnclaveRuntimeFactory(_engine, () => TextWriter.Null, worlds));
        _host = new World("host", _memory, worlds) { TrapHandler = this };
        _engine.Attach(_host);
        _monitor.AddHostWorld(_host);
        _monitor.AddHart(_hart);
        _hart.EnterWorld(_host);
        if (!_host.TryMap(HostCode, KeystoneAbi.PageSize, Allocate(KeystoneAbi.PageSize), Access.All)
            || !_host.TryWrite(HostCode, Words.Ecall)
            || !_host.TryWrite(HostCode + 4, Words.Jal(0, -4)))
            throw new InvalidOperationException("cannot map the host's code");
        _hart.State->Pc = HostCode;

        _layout = Load();
        SbiReturn created = _monitor.Create(_hart, _layout);
        if (created.Error != KeystoneError.Success)
            throw new InvalidOperationException($"the enclave was not created: {created.Error}");
        _id = created.Value;
        _monitor.Run(_hart, _id, this);
        HartRunner.Run(_hart, _engine); // to the first OCALL, which asks how many there will be
        AnswerHowMany();
    }

    /// <summary>Serves so many OCALLs and leaves the enclave waiting in the next.</summary>
    public void Serve(int calls)
    {
        _left = calls;
        HartRunner.Run(_hart, _engine);
    }

    public TrapOutcome Handle(Hart hart, in Trap trap)
    {
        if (trap == Trap.Requested)
            return TrapOutcome.Resume;
        if (trap.Cause != TrapCause.EnvironmentCallFromU)
            throw new InvalidOperationException($"the host ended with {trap}");
        if (_left == 0)
            return TrapOutcome.Exit;
        _left--;
        hart.State->Pc += 4;
        _monitor.Resume(hart, _id, this);
        return TrapOutcome.Resume;
    }

    public void EnclaveReturned(Hart hart, KeystoneError error, ulong value)
    {
        if (error != KeystoneError.EdgeCallHost)
            throw new InvalidOperationException($"the enclave came back with {error}, {value}");
    }

    public void Dispose()
    {
        _hart.LeaveWorld();
        foreach (EnclaveInfo enclave in _monitor.Enclaves)
            enclave.World?.Dispose();
        _engine.Dispose();
        _host.Dispose();
        _hart.Dispose();
        _memory.Dispose();
    }

    /// <summary>Loader, runtime and eapp into a new EPM, one behind the other, as the SDK does.</summary>
    private EnclaveCreateArguments Load()
    {
        var tree = new SourceTree();
        ulong epm = Allocate(EpmBytes);
        ulong utm = Allocate(UtmBytes);
        ulong runtime = Copy("loader.bin", epm);
        ulong user = Copy("runtime.elf", runtime);
        ulong free = Copy("eapp-null-ocalls", user);
        return new EnclaveCreateArguments(epm, EpmBytes, utm, UtmBytes, runtime, user, free, 0);

        ulong Copy(string file, ulong address)
        {
            byte[] bytes = File.ReadAllBytes(tree.Prebuilt(file));
            bytes.CopyTo(_memory.Span(address, bytes.Length));
            return address + (((ulong)bytes.Length + KeystoneAbi.PageSize - 1) & ~(ulong)(KeystoneAbi.PageSize - 1));
        }
    }

    /// <summary>The other question, for the size of the data, stays without an answer: none.</summary>
    private void AnswerHowMany()
    {
        Span<byte> utm = _memory.Span(_layout.UtmAddress, (int)UtmBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(utm[EdgeCallAbi.DataOffset..], MoreThanEver);
        BinaryPrimitives.WriteUInt64LittleEndian(utm[EdgeCallAbi.ResultOffsetOffset..], EdgeCallAbi.DataOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(utm[EdgeCallAbi.ResultSizeOffset..], sizeof(ulong));
    }

    private ulong Allocate(ulong bytes) => _memory.TryAllocate(bytes, bytes, out ulong address)
        ? address
        : throw new InvalidOperationException("the board is too small");
}
