using RvJit.Machine;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>Where the instructions of one region are read from: watched before they are read, so that a later store is noticed.</summary>
internal abstract class CodeSource
{
    /// <summary>Pages read from.</summary>
    public abstract IReadOnlyCollection<ulong> Pages { get; }

    /// <summary>
    /// Whether a region is left and entered again often enough, for TLB misses and privileged instructions, that loops
    /// and what follows such an instruction are worth an entry of their own.
    /// </summary>
    public virtual bool EntersOften => false;

    /// <summary>Whether the instruction at pc was ever executed, as far as that is known; what was not stays out of regions.</summary>
    public virtual bool WasReached(ulong pc) => true;

    /// <summary>Whether a function is called often, as far as that is known.</summary>
    public virtual bool RunsOften(ulong pc) => true;

    /// <summary>The region that is entered at pc, where the interpreter decides what is translated first; null elsewhere.</summary>
    public virtual Region? RegionAt(ulong pc) => null;

    /// <summary>Where the indirect jump at pc was seen to go, most frequent first.</summary>
    public virtual ulong[] TargetsOf(ulong pc) => [];

    /// <summary>False when the bytes at pc cannot be read here or are no instruction.</summary>
    public abstract bool TryRead(ulong pc, out Instruction instruction);

    /// <summary>How the region reaches memory and other regions.</summary>
    public abstract MemoryEmitter CreateEmitter(RegionEmitter e);
}

/// <summary>Who asks for regions and keeps them: a world's code, or that of one page behind page tables.</summary>
internal interface IRegionHost
{
    /// <summary>For people who look at its regions.</summary>
    string Name { get; }

    /// <summary>Raised by every invalidation: a translation begun before it may not be installed after it.</summary>
    long Generation { get; }

    CodeSource Open();

    /// <summary>Remembers what regions hold, where code is observed before it is translated.</summary>
    RegionGrowth? Growth => null;

    Region? RegionAt(ulong pc);

    /// <summary>Which bets were lost too often by the region that begins at pc.</summary>
    RegionCare CareAt(ulong pc);

    /// <summary>
    /// Makes a finished region reachable, in place of one with the same first entry, unless code was invalidated since its
    /// translation began.
    /// </summary>
    bool Install(Region region, long generation);

    /// <summary>The region works on F registers: from now on MXCSR is swapped around translated code.</summary>
    void RequireFloatEnvironment();

    /// <summary>How often control was seen to enter pc, modulo 2^16; -1 when nobody can tell any more.</summary>
    int EntriesOf(ulong pc);

    /// <summary>pc turned cold before it was translated: it asks again after <see cref="Handlers.HotAgain"/> more entries.</summary>
    void AskAgain(ulong pc);

    /// <summary>Runs a translation while the code's memory exists; false, without running it, once it is gone.</summary>
    bool WhileAlive(Func<bool> translate);
}

/// <summary>Instructions of a world, through its window.</summary>
/// <param name="world">The world.</param>
/// <param name="cache">Its code.</param>
/// <param name="observed">Code is interpreted before it is translated, so what the interpreter saw says what is worth it.</param>
internal sealed unsafe class WindowSource(World world, CodeCache cache, bool observed) : CodeSource
{
    private readonly HashSet<ulong> _pages = [];

    public override IReadOnlyCollection<ulong> Pages => _pages;

    public override MemoryEmitter CreateEmitter(RegionEmitter e) => new WindowEmitter(e, this);

    public override bool WasReached(ulong pc) => !observed || cache.WasDecoded(pc);

    public override bool RunsOften(ulong pc) => !observed || cache.RunsOften(pc);

    public override ulong[] TargetsOf(ulong pc) => cache.JumpsFrom(pc);

    public override Region? RegionAt(ulong pc) => observed ? cache.RegionAt(pc) : null;

    public override bool TryRead(ulong pc, out Instruction instruction)
    {
        instruction = default;
        if (!Prepare(pc))
            return false;
        uint word = *(ushort*)(world.Base + pc);
        if (InstructionTable.LengthOf((ushort)word) == 4)
        {
            if (!Prepare(pc + 2))
                return false;
            word |= (uint)*(ushort*)(world.Base + pc + 2) << 16;
        }

        instruction = cache.Decoder.Decode(word);
        return instruction.Row is not null;
    }

    /// <summary>Whether the instruction at pc is never part of a region: it is executed precisely wherever control comes from.</summary>
    public bool IsStepped(ulong pc) => WasReached(pc) && TryRead(pc, out Instruction i) && !i.Row!.CanTranslate(i);

    /// <summary>The cell through which a region can jump to pc, or null when its page is not code. Its page counts as read.</summary>
    public nint* FindCell(ulong pc)
    {
        if (!TryPreparePage(pc))
            return null;
        return cache.CellOf(pc);
    }

    private bool TryPreparePage(ulong pc)
    {
        ulong page = pc >> HostMemory.PageShift;
        if (page >= World.PageCount || (world.PermissionTable[page] & PageFlags.Execute) == 0)
            return false;
        if (_pages.Add(page))
            cache.Create(page, null);
        return cache.Has(pc);
    }

    private bool Prepare(ulong pc)
    {
        if (!TryPreparePage(pc))
            return false;
        cache.Mark(pc);
        return true;
    }
}
