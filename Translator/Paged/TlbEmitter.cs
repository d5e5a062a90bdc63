using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Machine.Paging;
using RvJit.Translator.Isa;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Paged;

/// <summary>
/// Addresses through the hart's TLB block (<see cref="TlbLayout"/>). A check compares one tag and keeps the addend for
/// all accesses that it stands for; one that crosses a page misses and is made precisely.
/// </summary>
internal sealed class TlbEmitter(RegionEmitter e, PageSource source) : MemoryEmitter(e)
{
    /// <summary>
    /// Stack frames and structures mostly fit. A group over a page's end must leave the region: where that happens often, failing checks
    /// look at both ends, and where that does not help, each access is checked for itself (<see cref="RegionCare"/>).
    /// </summary>
    private const int GroupWindow = 512;

    private readonly PageFacts _facts = new(e.Nest, (e.Care & RegionCare.Groups) == 0 ? GroupWindow : 0);

    private readonly LocalBuilder?[] _addends = new LocalBuilder?[32];
    private readonly List<PendingCheck> _coldChecks = [];
    private LocalBuilder? _address;
    private LocalBuilder? _entry;
    private LocalBuilder? _atomicAddend;
    private LocalBuilder? _otherAddend;

    private readonly record struct PendingCheck(Label Label, Label Back, Label Exit, LocalBuilder Addend, MergedCheck Check);

    public override int FloatTrapOffset => HartState.FloatTrappedOffset;

    public override PlacedCheck?[] ChecksOf(Block block) => _facts.ChecksOf(block);

    public override void EmitCheck(int register, MergedCheck check)
    {
        Label leave = E.LeaveForCheck();
        LocalBuilder address = _address ??= Il.DeclareLocal(typeof(long));
        E.PushX(register);
        if (check.Low != 0)
        {
            E.PushConstant(check.Low);
            Il.Emit(OpCodes.Add);
        }

        Il.Emit(OpCodes.Stloc, address);
        LocalBuilder addend = AddendHere();
        if ((E.Care & RegionCare.Checks) == 0 || check.Span <= sizeof(ulong))
        {
            EmitLookup(address, check.Span, check.Writes, leave, addend);
            return;
        }

        Label cold = Il.DefineLabel();
        Label back = Il.DefineLabel();
        EmitLookup(address, check.Span, check.Writes, cold, addend);
        Il.MarkLabel(back);
        _coldChecks.Add(new PendingCheck(cold, back, leave, addend, check));
    }

    public override void PushAddress(in Instruction i)
    {
        Il.Emit(OpCodes.Ldloc, AddendHere());
        E.PushX(i.Rs1);
        Il.Emit(OpCodes.Add);
        if (i.Immediate != 0)
        {
            E.PushConstant(i.Immediate);
            Il.Emit(OpCodes.Add);
        }

        Il.Emit(OpCodes.Conv_I);
    }

    public override void EmitAtomicCheck(in Instruction i, int bytes, PlacedCheck? planned)
    {
        Label leave = E.LeaveHere();
        EmitAlignmentTest(i.Rs1, bytes, leave);
        LocalBuilder address = _address ??= Il.DeclareLocal(typeof(long));
        E.PushX(i.Rs1);
        Il.Emit(OpCodes.Stloc, address);
        EmitLookup(address, 1, writes: true, leave, _atomicAddend ??= Il.DeclareLocal(typeof(long)));
    }

    public override void PushAtomicAddress(in Instruction i)
    {
        Il.Emit(OpCodes.Ldloc, _atomicAddend!);
        E.PushX(i.Rs1);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Conv_I);
    }

    /// <summary>
    /// The second look of a failed check, in careful regions: at both ends, which may lie in two pages that have one addend.
    /// </summary>
    public override void EmitColdChecks()
    {
        foreach (PendingCheck c in _coldChecks)
        {
            // if (addend(address) != addend(address += span - 1)) leave;
            Il.MarkLabel(c.Label);
            LocalBuilder address = _address!;
            EmitLookup(address, 1, c.Check.Writes, c.Exit, c.Addend);
            Il.Emit(OpCodes.Ldloc, address);
            E.PushConstant(c.Check.Span - 1);
            Il.Emit(OpCodes.Add);
            Il.Emit(OpCodes.Stloc, address);
            LocalBuilder other = _otherAddend ??= Il.DeclareLocal(typeof(long));
            EmitLookup(address, 1, c.Check.Writes, c.Exit, other);
            Il.Emit(OpCodes.Ldloc, c.Addend);
            Il.Emit(OpCodes.Ldloc, other);
            Il.Emit(OpCodes.Bne_Un, c.Exit);
            Il.Emit(OpCodes.Br, c.Back);
        }
    }

    public override unsafe void EmitJump(ulong from, ulong target)
    {
        if (source.IsStepped(target))
        {
            EmitReturn(target | RegionEmitter.StepBit);
            return;
        }

        E.EmitPollBefore(from, target);
        if (source.Contains(target))
        {
            EmitJumpThrough(source.CellOf(target), target);
            return;
        }

        // if (*entry != page) return target; tail: cell(entry->block, target)(state, memory, target)
        int entry = TlbLayout.CodeEntry(target);
        Label miss = Il.DefineLabel();
        PushMemory(entry);
        Il.Emit(OpCodes.Ldind_I8);
        E.PushConstant((long)TlbLayout.PageOf(target));
        Il.Emit(OpCodes.Bne_Un, miss);
        PushStateAndMemory();
        E.PushConstant((long)target);
        PushMemory(entry + TlbLayout.CodeBlockOffset);
        Il.Emit(OpCodes.Ldind_I);
        Il.Emit(OpCodes.Ldc_I4, (int)((byte*)source.CellOf(target) - (byte*)source.CellOf(0)));
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Ldind_I);
        E.EmitTailCall();
        Il.MarkLabel(miss);
        EmitReturn(target);
    }

    public override void EmitIndirectJump(Label back)
    {
        LocalBuilder target = E.TargetLocal;
        LocalBuilder entry = _entry ??= Il.DeclareLocal(typeof(nint));
        EmitEntryAddress(target, TlbLayout.CodeEntryShift, TlbLayout.CodeEntries);
        Il.Emit(OpCodes.Stloc, entry);
        PushField(entry, TlbLayout.CodeOffset);
        Il.Emit(OpCodes.Ldind_I8);
        Il.Emit(OpCodes.Ldloc, target);
        EmitPageMask();
        Il.Emit(OpCodes.Bne_Un, back);
        PushStateAndMemory();
        Il.Emit(OpCodes.Ldloc, target);
        PushField(entry, TlbLayout.CodeOffset + TlbLayout.CodeBlockOffset);
        Il.Emit(OpCodes.Ldind_I);
        E.EmitCellOfTarget();
        E.EmitTailCall();
    }

    /// <summary>The addend that the current instruction's access uses, and its check sets.</summary>
    private LocalBuilder AddendHere() => _addends[_facts.SlotOf(E.Block, E.Index)] ??= Il.DeclareLocal(typeof(long));

    // entry = memory + index(address); if (entry->tag != page(address + span - 1)) goto leave; addend = entry->addend;
    private void EmitLookup(LocalBuilder address, int span, bool writes, Label leave, LocalBuilder addend)
    {
        LocalBuilder entry = _entry ??= Il.DeclareLocal(typeof(nint));
        EmitEntryAddress(address, TlbLayout.DataEntryShift, TlbLayout.DataEntries);
        Il.Emit(OpCodes.Stloc, entry);
        PushField(entry, writes ? TlbLayout.WriteTagOffset : TlbLayout.ReadTagOffset);
        Il.Emit(OpCodes.Ldind_I8);
        Il.Emit(OpCodes.Ldloc, address);
        if (span > 1)
        {
            E.PushConstant(span - 1);
            Il.Emit(OpCodes.Add);
        }

        EmitPageMask();
        Il.Emit(OpCodes.Bne_Un, leave);
        PushField(entry, TlbLayout.AddendOffset);
        Il.Emit(OpCodes.Ldind_I8);
        Il.Emit(OpCodes.Stloc, addend);
    }

    // memory + ((address >>> (12 - shift)) & ((entries - 1) << shift))
    private void EmitEntryAddress(LocalBuilder address, int entryShift, int entries)
    {
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Ldloc, address);
        Il.Emit(OpCodes.Ldc_I4, HostMemory.PageShift - entryShift);
        Il.Emit(OpCodes.Shr_Un);
        Il.Emit(OpCodes.Conv_I4);
        Il.Emit(OpCodes.Ldc_I4, (entries - 1) << entryShift);
        Il.Emit(OpCodes.And);
        Il.Emit(OpCodes.Conv_I);
        Il.Emit(OpCodes.Add);
    }

    private void EmitPageMask()
    {
        E.PushConstant(-HostMemory.PageSize);
        Il.Emit(OpCodes.And);
    }

    private void PushField(LocalBuilder pointer, int offset)
    {
        Il.Emit(OpCodes.Ldloc, pointer);
        if (offset == 0)
            return;
        Il.Emit(OpCodes.Ldc_I4, offset);
        Il.Emit(OpCodes.Add);
    }

    private void PushMemory(int offset)
    {
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Ldc_I4, offset);
        Il.Emit(OpCodes.Add);
    }
}
