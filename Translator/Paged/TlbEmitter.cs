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
    /// Stack frames and structures mostly fit. A group over a page's end must leave the region: where that happens often, checks
    /// look at both ends, and where that does not help, each access has a check of its own (<see cref="RegionCare"/>).
    /// </summary>
    private const int GroupWindow = 512;

    private readonly LocalBuilder?[] _addends = new LocalBuilder?[32];
    private LocalBuilder? _address;
    private LocalBuilder? _entry;
    private LocalBuilder? _atomicAddend;
    private LocalBuilder? _otherAddend;

    public override int CheckWindow => (E.Care & RegionCare.Groups) == 0 ? GroupWindow : 0;

    public override int FloatTrapOffset => HartState.FloatTrappedOffset;

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
        LocalBuilder addend = _addends[register] ??= Il.DeclareLocal(typeof(long));
        if ((E.Care & RegionCare.Checks) == 0 || check.Span <= sizeof(ulong))
        {
            EmitLookup(address, check.Span, check.Writes, leave, addend);
            return;
        }

        // Both ends, and one addend for all: if (addend(address) != addend(address += span - 1)) leave;
        EmitLookup(address, 1, check.Writes, leave, addend);
        Il.Emit(OpCodes.Ldloc, address);
        E.PushConstant(check.Span - 1);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Stloc, address);
        LocalBuilder other = _otherAddend ??= Il.DeclareLocal(typeof(long));
        EmitLookup(address, 1, check.Writes, leave, other);
        Il.Emit(OpCodes.Ldloc, addend);
        Il.Emit(OpCodes.Ldloc, other);
        Il.Emit(OpCodes.Bne_Un, leave);
    }

    public override void PushAddress(in Instruction i)
    {
        Il.Emit(OpCodes.Ldloc, _addends[i.Rs1]!);
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

    public override void EmitColdChecks()
    {
        // A miss leaves the region; there is no second look.
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
