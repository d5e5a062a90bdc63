using System.Reflection.Emit;
using RvJit.Machine;

namespace RvJit.Translator.Regions;

/// <summary>
/// Checks for many iterations at once.
/// <para>
/// Why a counted loop stays inside: the check has found [page start, page start + 4096 or 8192) allowed and the bytes
/// [r + low, r + low + span) of the first iteration inside of it; all of that lies in the window, so no sum below wraps.
/// Each iteration moves r by at most step, one way, so in iteration k the bytes are moved by at most k * step. With
/// room bytes left in that direction, k * step &lt;= room for k = 0 .. room / step. After that many iterations, or when
/// the region was entered anew, the check is made again with the registers as they are.
/// </para>
/// </summary>
internal sealed partial class WindowEmitter
{
    private LocalBuilder? _allowed;
    private LocalBuilder? _room;

    // page = (r + low) >>> 12; if (page > last page || !(table[page] & need)) goto leave;
    // room = (table[page] & pair ? 8192 : 4096) - ((r + low) & 4095) - span; if (room < 0) goto leave;
    public override void EmitLoopCheck(LoopCheck check, LocalBuilder? count, Label leave)
    {
        (MergedCheck c, int register) = (check.Check, check.Register);
        LocalBuilder page = _page ??= Il.DeclareLocal(typeof(long));
        LocalBuilder allowed = _allowed ??= Il.DeclareLocal(typeof(int));
        LocalBuilder room = _room ??= Il.DeclareLocal(typeof(int));

        // With this in front of the loop RyuJIT drops the same test inside.
        EmitAlignmentTest(register, check.Alignment, leave);
        PushPage(register, c.Low);
        EmitTableByte(page, leave);
        Il.Emit(OpCodes.Stloc, allowed);
        Il.Emit(OpCodes.Ldloc, allowed);
        Il.Emit(OpCodes.Ldc_I4, (int)(c.Writes ? PageFlags.Write : PageFlags.Read));
        Il.Emit(OpCodes.And);
        Il.Emit(OpCodes.Brfalse, leave);

        int pair = c.Writes ? PageFlags.WritePair : PageFlags.ReadPair;
        Il.Emit(OpCodes.Ldloc, allowed);
        Il.Emit(OpCodes.Ldc_I4, pair);
        Il.Emit(OpCodes.And);
        Il.Emit(OpCodes.Ldc_I4, HostMemory.PageSize / pair);
        Il.Emit(OpCodes.Mul);
        Il.Emit(OpCodes.Ldc_I4, HostMemory.PageSize - c.Span);
        Il.Emit(OpCodes.Add);
        PushOffsetInPage(register, c.Low);
        Il.Emit(OpCodes.Sub);
        Il.Emit(OpCodes.Stloc, room);
        Il.Emit(OpCodes.Ldloc, room);
        Il.Emit(OpCodes.Ldc_I4_0);
        Il.Emit(OpCodes.Blt, leave);
        if (check.Step != 0)
            EmitLower(count!, check, room);
    }

    // further = (step > 0 ? room : (r + low) & 4095) / |step|; if (further < count) count = further;
    private void EmitLower(LocalBuilder count, LoopCheck check, LocalBuilder room)
    {
        if (check.Step < 0)
        {
            PushOffsetInPage(check.Register, check.Check.Low);
            Il.Emit(OpCodes.Stloc, room);
        }

        Il.Emit(OpCodes.Ldloc, room);
        Il.Emit(OpCodes.Ldc_I4, Math.Abs(check.Step));
        Il.Emit(OpCodes.Div_Un);
        Il.Emit(OpCodes.Stloc, room);
        Label enough = Il.DefineLabel();
        Il.Emit(OpCodes.Ldloc, room);
        Il.Emit(OpCodes.Ldloc, count);
        Il.Emit(OpCodes.Bge, enough);
        Il.Emit(OpCodes.Ldloc, room);
        Il.Emit(OpCodes.Stloc, count);
        Il.MarkLabel(enough);
    }

    // (int)(r + offset) & 4095
    private void PushOffsetInPage(int register, long offset)
    {
        E.PushX(register);
        E.PushConstant(offset);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Conv_I4);
        Il.Emit(OpCodes.Ldc_I4, HostMemory.PageSize - 1);
        Il.Emit(OpCodes.And);
    }
}
