using System.Diagnostics;
using RvJit.Machine;
using RvJit.Translator;

namespace RvJit.Perf.Micro;

/// <summary>A hart with a page or a few of code and some data, and nothing else in its world.</summary>
internal sealed unsafe class SmallWorld : IDisposable
{
    public const ulong CodeAddress = 0x10000;
    public const int CodeBytes = 0x1000;
    public const ulong DataAddress = 0x20000;
    public const int DataBytes = 0x8000;

    private static readonly TimeSpan _longestSettling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(300);

    private readonly Tier _tier;
    private readonly PhysicalMemory _memory = new(1 << 20);

    public SmallWorld(Tier tier, params ReadOnlySpan<uint> code)
    {
        _tier = tier;
        World = new World("micro", _memory);
        Engine = new Engine(new EngineOptions(tier));
        Hart = new Hart(0);
        Hart.EnterWorld(World);
        Engine.Attach(World);
        Map(DataAddress, DataBytes, Access.ReadWrite);
        AddCode(CodeAddress, code);
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

    /// <summary>A page of code.</summary>
    public void AddCode(ulong address, params ReadOnlySpan<uint> code)
    {
        Map(address, CodeBytes, Access.All);
        for (int i = 0; i < code.Length; i++)
        {
            if (!World.TryWrite(address + ((ulong)i * 4), code[i]))
                throw new InvalidOperationException("code does not fit");
        }
    }

    /// <summary>Runs until the code is translated, where it is to be, and no more follows: a background thread does it.</summary>
    public void Settle(Action benchmark)
    {
        long start = Stopwatch.GetTimestamp();
        long last = start;
        long compiled = 0;
        do
        {
            benchmark();
            long now = Engine.Statistics.RegionsCompiled;
            if (now != compiled)
                (compiled, last) = (now, Stopwatch.GetTimestamp());
            if (Stopwatch.GetElapsedTime(start) > _longestSettling)
                throw new InvalidOperationException("the loop is not translated");
        }
        while (_tier == Tier.Auto && (compiled == 0 || Stopwatch.GetElapsedTime(last) < _quiet));
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
