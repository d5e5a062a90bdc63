using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>Checked guest memory addresses.</summary>
public sealed partial class RegionEmitter
{
    private readonly List<PendingCheck> _coldChecks = [];

    private readonly record struct PendingCheck(
        Label Label, Label Back, Label Exit, int Base, MergedCheck Check);

    /// <summary>Pushes the host address of rs1 + immediate, after the check that covers it.</summary>
    public void PushCheckedAddress(in Instruction i, MemoryShape shape)
    {
        if (_checks[_index] is { } check)
            EmitCheck(i.Rs1, check);
        Il.Emit(OpCodes.Ldarg_1);
        PushX(i.Rs1);
        Il.Emit(OpCodes.Add);
        if (i.Immediate != 0)
        {
            Il.Emit(OpCodes.Ldc_I4, (int)i.Immediate);
            Il.Emit(OpCodes.Add);
        }
    }

    /// <summary>Pushes the host address of rs1 for an atomic operation: aligned, in a writable page.</summary>
    public void PushCheckedAtomicAddress(in Instruction i, int bytes)
    {
        Label leave = LeaveHere();
        PushX(i.Rs1);
        Il.Emit(OpCodes.Ldc_I4, bytes - 1);
        Il.Emit(OpCodes.Conv_I8);
        Il.Emit(OpCodes.And);
        PushConstant(0);
        Il.Emit(OpCodes.Bne_Un, leave);
        PushPage(i.Rs1, 0);
        EmitPageTest(PageFlags.Write, leave);
        Il.Emit(OpCodes.Ldarg_1);
        PushX(i.Rs1);
        Il.Emit(OpCodes.Add);
    }

    // page = (rs1 + low) >>> 12;
    // if (page > last page || (table[page] & need) != need) goto cold;
    private void EmitCheck(int rs1, MergedCheck check)
    {
        bool single = check.Span == 1;
        byte need = (byte)((check.Reads && !check.Writes ? PageFlags.Read : 0) | (check.Writes ? PageFlags.Write : 0));
        byte pair = (byte)((check.Reads && !check.Writes ? PageFlags.ReadPair : 0) | (check.Writes ? PageFlags.WritePair : 0));
        Label leave = LeaveHere();
        PushPage(rs1, check.Low);
        if (single)
        {
            EmitPageTest(need, leave);
            return;
        }

        Label cold = Il.DefineLabel();
        Label back = Il.DefineLabel();
        EmitPageTest(pair, cold);
        Il.MarkLabel(back);
        _coldChecks.Add(new PendingCheck(cold, back, leave, rs1, check));
    }

    private void PushPage(int rs1, long offset)
    {
        PushX(rs1);
        if (offset != 0)
        {
            PushConstant(offset);
            Il.Emit(OpCodes.Add);
        }

        Il.Emit(OpCodes.Ldc_I4, HostMemory.PageShift);
        Il.Emit(OpCodes.Shr_Un);
    }

    /// <summary>Pops a page number; goes to the label unless it is in the window and its table byte has the bit.</summary>
    private void EmitPageTest(byte bit, Label otherwise)
    {
        LocalBuilder page = _page ??= Il.DeclareLocal(typeof(long));
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
        Il.Emit(OpCodes.Ldc_I4, (int)bit);
        Il.Emit(OpCodes.And);
        Il.Emit(OpCodes.Brfalse, otherwise);
    }

    /// <summary>
    /// The second look of a failed pair check: the accesses may lie in one page that has no right neighbour (the last
    /// page of a mapping). Back to the fast path when they do.
    /// </summary>
    private void EmitColdChecks()
    {
        foreach (PendingCheck c in _coldChecks)
        {
            Il.MarkLabel(c.Label);

            // if (((rs1 + low) & 4095) + span > 4096) goto exit;
            LocalBuilder address = _address ??= Il.DeclareLocal(typeof(long));
            PushX(c.Base);
            PushConstant(c.Check.Low);
            Il.Emit(OpCodes.Add);
            Il.Emit(OpCodes.Stloc, address);
            Il.Emit(OpCodes.Ldloc, address);
            PushConstant(HostMemory.PageSize - 1);
            Il.Emit(OpCodes.And);
            PushConstant(HostMemory.PageSize - c.Check.Span);
            Il.Emit(OpCodes.Bgt, c.Exit);
            Il.Emit(OpCodes.Ldloc, address);
            Il.Emit(OpCodes.Ldc_I4, HostMemory.PageShift);
            Il.Emit(OpCodes.Shr_Un);
            EmitPageTest(c.Check.Writes ? PageFlags.Write : PageFlags.Read, c.Exit);
            Il.Emit(OpCodes.Br, c.Back);
        }
    }
}
