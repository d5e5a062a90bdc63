using RvJit.Machine;
using RvJit.Machine.Board;
using RvJit.Machine.Paging;
using RvJit.Translator;

namespace RvJit.Tests.Support;

/// <summary>
/// Harts that translate addresses over a little RAM, with no firmware and no CSRs: tests say the mode themselves and
/// see the traps as values. Code is written through physical addresses, and RAM is full of breakpoints.
/// </summary>
internal sealed unsafe class MachineHarness : IDisposable
{
    public const ulong Ram = PhysicalMemory.DefaultBase;
    public const ulong RamBytes = 4 << 20;

    /// <summary>Physical address of the root page table and of the tables that follow.</summary>
    public const ulong Tables = Ram + 0x10_0000;
    public const ulong Code = Ram + 0x1000;
    public const ulong Data = Ram + 0x20_0000;
    private const ushort CompressedBreakpoint = 0x9002;

    private ulong _freeTable = Tables;

    public MachineHarness(Tier tier, int harts = 1, int pmpEntries = 0, EngineOptions? options = null)
    {
        Bus = new SystemBus(new PhysicalMemory(RamBytes));
        new Span<ushort>(Bus.Memory.Pointer(Ram, RamBytes), (int)(RamBytes / 2)).Fill(CompressedBreakpoint);
        new Span<byte>(Bus.Memory.Pointer(Tables, 0x10_0000), 0x10_0000).Clear();
        Machine = new MachineMemory(Bus);
        Engine = new Engine((options ?? new EngineOptions()) with { Tier = tier });
        Harts = [.. Enumerable.Range(0, harts).Select(id => new Hart(id, pmpEntries))];
        Views = [.. Harts.Select(hart => new PagedMemory(hart, Machine))];
    }

    public SystemBus Bus { get; }

    public MachineMemory Machine { get; }

    public Engine Engine { get; }

    public Hart[] Harts { get; }

    public PagedMemory[] Views { get; }

    public PagedMemory View => Views[0];

    public HartState* State => Harts[0].State;

    public Span<ulong> X => new(State->X, 32);

    /// <summary>A fresh zeroed page of page table.</summary>
    public ulong NewTable()
    {
        ulong table = _freeTable;
        _freeTable += HostMemory.PageSize;
        return table;
    }

    /// <summary>An S- or U-mode under a page table.</summary>
    public static TranslationMode Mode(
        Privilege privilege, ulong satp, bool sum = false, bool mxr = false, bool update = false, bool types = false) =>
        new(privilege, privilege, satp, sum, mxr, update, types, FloatDirty: true);

    public ref ulong Word(ulong physical) => ref *(ulong*)Bus.Memory.Pointer(physical, sizeof(ulong));

    /// <summary>Writes instructions to physical memory as a device would; returns the address after the last.</summary>
    public ulong Assemble(ulong physical, params ReadOnlySpan<uint> words)
    {
        foreach (uint word in words)
        {
            bool compressed = (word & 3) != 3;
            int bytes = compressed ? sizeof(ushort) : sizeof(uint);
            new ReadOnlySpan<byte>(&word, bytes).CopyTo(Bus.Memory.Span(physical, bytes));
            Machine.NoteWritten(physical, (ulong)bytes);
            physical += (ulong)bytes;
        }

        return physical;
    }

    /// <summary>Runs a hart until something traps; its pc is then where.</summary>
    public Trap Run(ulong pc, int hart = 0)
    {
        Harts[hart].State->Pc = pc;
        return Engine.Run(Harts[hart]);
    }

    public void Dispose()
    {
        Engine.Dispose();
        Machine.Dispose();
        foreach (Hart hart in Harts)
            hart.Dispose();
        Bus.Memory.Dispose();
    }
}
