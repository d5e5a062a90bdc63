using RvJit.Machine;
using RvJit.Translator;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Support;

/// <summary>
/// A hart in a world of its own with a little memory, for tests of single instructions and small pieces of code. What
/// is not mapped is inaccessible to the process itself, so an access that slips past its check ends the test run.
/// Code is written into a page of breakpoints, so it stops wherever it leads.
/// </summary>
internal sealed unsafe class GuestHarness : IDisposable
{
    public const ulong CodeAddress = 0x10000;
    public const ulong DataAddress = 0x20000;
    public const ulong DefaultBytes = 0x4000;
    private const ushort CompressedBreakpoint = 0x9002;
    private const ulong MemoryBytes = 64 << 20;

    private readonly EngineOptions _options;

    /// <param name="tier">Which tier runs the code.</param>
    /// <param name="mapped">Whether to map the default code and data areas, 16 KiB each.</param>
    /// <param name="extensions">What the hart has; everything, by default.</param>
    /// <param name="options">What else of the engine is not as usual.</param>
    public GuestHarness(Tier tier, bool mapped = true, ExtensionSet? extensions = null, EngineOptions? options = null)
    {
        extensions ??= ExtensionSet.Max;
        _options = (options ?? new EngineOptions()) with { Tier = tier, Instructions = new InstructionSet(extensions) };
        Memory = new PhysicalMemory(MemoryBytes);
        World = new World("test", Memory, new WorldOptions(TrappingFiller: true, IsPrivate: true));
        Engine = new Engine(_options);
        Hart = new Hart(0) { Extensions = extensions };
        Hart.EnterWorld(World);
        Engine.Attach(World);
        if (!mapped)
            return;
        MapCode(CodeAddress, DefaultBytes);
        Map(DataAddress, DefaultBytes, Access.ReadWrite);
    }

    public PhysicalMemory Memory { get; }

    public World World { get; }

    public Hart Hart { get; }

    public Engine Engine { get; }

    public HartState* State => Hart.State;

    public ref ulong Pc => ref State->Pc;

    public Span<ulong> X => new(State->X, 32);

    public Span<ulong> F => new(State->F, 32);

    public uint Fcsr
    {
        get => FloatingPointControl.Read(*State);
        set => FloatingPointControl.Write(ref *State, value);
    }

    /// <summary>Maps fresh zeroed pages; returns their guest physical address.</summary>
    public ulong Map(ulong address, ulong bytes, Access access)
    {
        if (!Memory.TryAllocate(bytes, HostMemory.PageSize, out ulong physical) || !World.TryMap(address, bytes, physical, access))
            throw new InvalidOperationException($"cannot map 0x{bytes:x} bytes at 0x{address:x}");
        return physical;
    }

    /// <summary>Maps pages of breakpoints that may be read, written and executed.</summary>
    public ulong MapCode(ulong address, ulong bytes)
    {
        ulong physical = Map(address, bytes, Access.All);
        new Span<ushort>(Memory.Pointer(physical, bytes), (int)(bytes / 2)).Fill(CompressedBreakpoint);
        return physical;
    }

    /// <summary>Writes instructions one after the other as native code does; returns the address after the last.</summary>
    public ulong Assemble(ulong address, params ReadOnlySpan<uint> words)
    {
        foreach (uint word in words)
        {
            bool compressed = (word & 3) != 3;
            bool written = compressed ? World.TryWrite(address, (ushort)word) : World.TryWrite(address, word);
            if (!written)
                throw new InvalidOperationException($"cannot write code at 0x{address:x}");
            address += compressed ? 2u : 4u;
        }

        return address;
    }

    /// <summary>Puts breakpoints back.</summary>
    public void Erase(ulong address, ulong end)
    {
        for (; address < end; address += 2)
            Assemble(address, CompressedBreakpoint);
    }

    /// <summary>Runs until something traps; <see cref="Pc"/> is then where.</summary>
    public Trap Run(ulong pc)
    {
        Pc = pc;
        return Engine.Run(Hart);
    }

    /// <summary>Writes code and a breakpoint behind it at the usual place and runs it.</summary>
    public Trap RunCode(params ReadOnlySpan<uint> words)
    {
        ulong end = Assemble(CodeAddress, words);
        Assemble(end, CompressedBreakpoint);
        return Run(CodeAddress);
    }

    public void Dispose()
    {
        Engine.Dispose();
        Hart.Dispose();
        World.Dispose();
        Memory.Dispose();
    }
}
