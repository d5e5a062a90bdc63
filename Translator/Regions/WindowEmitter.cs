using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>Addresses in a world's window: one byte of its permission table decides, its directory leads to code.</summary>
internal sealed partial class WindowEmitter(RegionEmitter e, WindowSource source) : MemoryEmitter(e)
{
    private readonly List<PendingCheck> _coldChecks = [];
    private LocalBuilder? _address;
    private LocalBuilder? _page;

    private readonly record struct PendingCheck(
        Label Label, Label Back, Label Exit, int Base, MergedCheck Check, EmitterPoint Point);

    public override CheckPlan LoopPlan { get; } = new(e.Nest, e.Care);

    public override PlacedCheck?[] ChecksOf(Block block) => LoopPlan.ChecksOf(block);

    public override void PushAddress(in Instruction i)
    {
        Il.Emit(OpCodes.Ldarg_1);
        E.PushX(i.Rs1);
        Il.Emit(OpCodes.Add);
        if (i.Immediate != 0)
        {
            Il.Emit(OpCodes.Ldc_I4, (int)i.Immediate);
            Il.Emit(OpCodes.Add);
        }
    }

    public override void EmitAtomicCheck(in Instruction i, int bytes, PlacedCheck? planned)
    {
        EmitAlignmentTest(i.Rs1, bytes, E.LeaveHere());
        if (planned is { } check)
            EmitCheck(check.Register, check.Check);
    }

    public override void PushAtomicAddress(in Instruction i)
    {
        Il.Emit(OpCodes.Ldarg_1);
        E.PushX(i.Rs1);
        Il.Emit(OpCodes.Add);
    }

    public override unsafe void EmitJump(ulong from, ulong target)
    {
        if (source.IsStepped(target))
        {
            EmitReturn(target | RegionEmitter.StepBit);
            return;
        }

        nint* cell = source.FindCell(target);
        if (cell == null)
        {
            EmitReturn(target);
            return;
        }

        E.EmitPollBefore(from, target);
        EmitJumpThrough(cell, target);
    }

    // if (target >> 38 != 0) goto back; tail: cell(state->StubPage + directory[target >> 12], target)(state, memory, target)
    public override void EmitIndirectJump(Label back)
    {
        LocalBuilder target = E.TargetLocal;
        Il.Emit(OpCodes.Ldloc, target);
        Il.Emit(OpCodes.Ldc_I4, World.AddressBits);
        Il.Emit(OpCodes.Shr_Un);
        E.PushConstant(0);
        Il.Emit(OpCodes.Bne_Un, back);
        PushStateAndMemory();
        Il.Emit(OpCodes.Ldloc, target);
        E.PushStateField(HartState.StubPageOffset);
        Il.Emit(OpCodes.Ldind_I);
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Ldloc, target);
        Il.Emit(OpCodes.Ldc_I4, HostMemory.PageShift);
        Il.Emit(OpCodes.Shr_Un);
        Il.Emit(OpCodes.Ldc_I4_3);
        Il.Emit(OpCodes.Shl);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Ldc_I4, checked((int)World.DirectoryDisplacement));
        Il.Emit(OpCodes.Sub);
        Il.Emit(OpCodes.Ldind_I);
        Il.Emit(OpCodes.Add);
        E.EmitCellOfTarget();
        E.EmitTailCall();
    }

    // page = (register + low) >>> 12;
    // if (page > last page || (table[page] & need) != need) goto cold;
    public override void EmitCheck(int register, MergedCheck check)
    {
        bool single = check.Span == 1;
        byte need = (byte)((check.Reads && !check.Writes ? PageFlags.Read : 0) | (check.Writes ? PageFlags.Write : 0));
        byte pair = (byte)((check.Reads && !check.Writes ? PageFlags.ReadPair : 0) | (check.Writes ? PageFlags.WritePair : 0));
        PushPage(register, check.Low);
        if (single || (E.Care & RegionCare.Checks) == 0)
        {
            EmitPageTest(single ? need : pair, single ? E.LeaveHere() : E.LeaveForCheck());
            return;
        }

        Label cold = Il.DefineLabel();
        Label back = Il.DefineLabel();
        EmitPageTest(pair, cold);
        Il.MarkLabel(back);
        _coldChecks.Add(new PendingCheck(cold, back, E.LeaveHere(), register, check, E.Here));
    }

    private void PushPage(int rs1, long offset)
    {
        E.PushX(rs1);
        if (offset != 0)
        {
            E.PushConstant(offset);
            Il.Emit(OpCodes.Add);
        }

        Il.Emit(OpCodes.Ldc_I4, HostMemory.PageShift);
        Il.Emit(OpCodes.Shr_Un);
    }

    /// <summary>Pops a page number; goes to the label unless it is in the window and its table byte has the bit.</summary>
    private void EmitPageTest(byte bit, Label otherwise)
    {
        EmitTableByte(_page ??= Il.DeclareLocal(typeof(long)), otherwise);
        Il.Emit(OpCodes.Ldc_I4, (int)bit);
        Il.Emit(OpCodes.And);
        Il.Emit(OpCodes.Brfalse, otherwise);
    }

    /// <summary>Pops a page number and pushes its table byte; goes to the label unless it is in the window.</summary>
    private void EmitTableByte(LocalBuilder page, Label otherwise)
    {
        Il.Emit(OpCodes.Stloc, page);
        Il.Emit(OpCodes.Ldloc, page);
        Il.Emit(OpCodes.Ldc_I4, (int)(World.PageCount - 1));
        Il.Emit(OpCodes.Conv_I8);
        Il.Emit(OpCodes.Bgt_Un, otherwise);
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Ldloc, page);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Ldc_I4, (int)-World.TableDisplacement);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Ldind_U1);
    }

    /// <summary>
    /// The second look of a failed pair check, in careful regions: the accesses may lie in one page that has no right neighbour (the last
    /// page of a mapping). Back to the fast path when they do.
    /// </summary>
    public override void EmitColdChecks()
    {
        foreach (PendingCheck c in _coldChecks)
        {
            Il.MarkLabel(c.Label);
            E.Resume(c.Point);

            // if (((rs1 + low) & 4095) + span > 4096) goto exit;
            LocalBuilder address = _address ??= Il.DeclareLocal(typeof(long));
            E.PushX(c.Base);
            E.PushConstant(c.Check.Low);
            Il.Emit(OpCodes.Add);
            Il.Emit(OpCodes.Stloc, address);
            Il.Emit(OpCodes.Ldloc, address);
            E.PushConstant(HostMemory.PageSize - 1);
            Il.Emit(OpCodes.And);
            E.PushConstant(HostMemory.PageSize - c.Check.Span);
            Il.Emit(OpCodes.Bgt, c.Exit);
            Il.Emit(OpCodes.Ldloc, address);
            Il.Emit(OpCodes.Ldc_I4, HostMemory.PageShift);
            Il.Emit(OpCodes.Shr_Un);
            EmitPageTest(c.Check.Writes ? PageFlags.Write : PageFlags.Read, c.Exit);
            Il.Emit(OpCodes.Br, c.Back);
        }
    }
}
