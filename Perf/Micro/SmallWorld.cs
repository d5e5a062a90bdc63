using RvJit.Machine;
using RvJit.Translator;

namespace RvJit.Perf.Micro;

/// <summary>A hart with a page or two of code and some data, and nothing else in its world.</summary>
internal sealed unsafe class SmallWorld : IDisposable
{
    public const ulong CodeAddress = 0x10000;
    public const int CodeBytes = 0x1000;
    public const ulong DataAddress = 0x20000;
    public const int DataBytes = 0x8000;

    private readonly PhysicalMemory _memory = new(1 << 20);

    public SmallWorld(Tier tier, params ReadOnlySpan<uint> code)
    {
        World = new World("micro", _memory);
        Engine = new Engine(new EngineOptions(tier));
        Hart = new Hart(0);
        Hart.EnterWorld(World);
        Engine.Attach(World);
        Map(CodeAddress, CodeBytes, Access.All);
        Map(DataAddress, DataBytes, Access.ReadWrite);
        for (int i = 0; i < code.Length; i++)
        {
            if (!World.TryWrite(CodeAddress + ((ulong)i * 4), code[i]))
                throw new InvalidOperationException("code does not fit");
        }
    }

    public World World { get; }

    public Engine Engine { get; }

    public Hart Hart { get; }

    public Span<ulong> X => new(Hart.State->X, 32);

    public ref ulong Pc => ref Hart.State->Pc;

    /// <summary>Runs from the start of the code to its ebreak; anything else is a broken benchmark.</summary>
    public void RunToBreakpoint()
    {
        Pc = CodeAddress;
        Trap trap = Engine.Run(Hart);
        if (trap.Cause != TrapCause.Breakpoint)
            throw new InvalidOperationException($"the code ended with {trap} at 0x{Pc:x}");
    }

    public void Dispose()
    {
        Engine.Dispose();
        Hart.Dispose();
        World.Dispose();
        _memory.Dispose();
    }

    private void Map(ulong address, ulong bytes, Access access)
    {
        if (!_memory.TryAllocate(bytes, HostMemory.PageSize, out ulong physical) || !World.TryMap(address, bytes, physical, access))
            throw new InvalidOperationException("cannot map");
    }
}
