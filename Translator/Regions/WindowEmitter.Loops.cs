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
/// <para>
/// Most loops are short, and measuring the room costs more than their iterations: at first only the pair bit is asked
/// for, and the room is what it is at least, wherever in its page the first byte lies (<see cref="LeastRoom"/>). A loop
/// that works on the last page of a mapping has no pair bit and measures (<see cref="RegionCare.Rooms"/>).
/// </para>
/// </summary>
internal sealed partial class WindowEmitter
{
    private LocalBuilder? _allowed;
    private LocalBuilder? _room;

    /// <summary>Fewer iterations for one check than this are too few.</summary>
    private const int FewIterations = 4;

    public override int IterationsWithoutRoom(LoopCheck check)
    {
        if ((E.Care & RegionCare.Rooms) != 0 || check.Step < 0)
            return -1;
        int most = check.Step == 0 ? int.MaxValue : LeastRoom(check.Check) / check.Step;
        return most >= FewIterations ? most : -1;
    }

    public override void EmitLoopCheck(LoopCheck check, LocalBuilder? count, Label leave)
    {
        // With this in front of the loop RyuJIT drops the same test inside.
        EmitAlignmentTest(check.Register, check.Alignment, leave);
        if (IterationsWithoutRoom(check) < 0)
        {
            EmitMeasuringCheck(check, count, leave);
            return;
        }

        (MergedCheck c, bool isOnePage) = (check.Check, check.Step == 0 && check.Alignment >= check.Check.Span);
        PushPage(check.Register, c.Low);
        EmitPageTest(
            c.Writes ? isOnePage ? PageFlags.Write : PageFlags.WritePair : isOnePage ? PageFlags.Read : PageFlags.ReadPair, leave);
    }

    /// <summary>Bytes from an address that <see cref="EmitRangeTest"/> finds allowed.</summary>
    public const int Range = HostMemory.PageSize;

    /// <summary>Pops the address of a range; goes to the label when it is not, or may not be, allowed.</summary>
    public void EmitRangeTest(bool writes, Label otherwise)
    {
        Il.Emit(OpCodes.Ldc_I4, HostMemory.PageShift);
        Il.Emit(OpCodes.Shr_Un);
        EmitPageTest(writes ? PageFlags.WritePair : PageFlags.ReadPair, otherwise);
    }

    /// <summary>
    /// With its first byte the last of a page, the other page of the pair has a page's length less all other bytes.
    /// </summary>
    private static int LeastRoom(MergedCheck check) => HostMemory.PageSize + 1 - check.Span;

    // page = (r + low) >>> 12; if (page > last page || !(table[page] & need)) goto leave;
    // room = (table[page] & pair ? 8192 : 4096) - ((r + low) & 4095) - span; if (room < 0) goto leave;
    private void EmitMeasuringCheck(LoopCheck check, LocalBuilder? count, Label leave)
    {
        (MergedCheck c, int register) = (check.Check, check.Register);
        LocalBuilder page = _page ??= Il.DeclareLocal(typeof(long));
        LocalBuilder allowed = _allowed ??= Il.DeclareLocal(typeof(int));
        LocalBuilder room = _room ??= Il.DeclareLocal(typeof(int));

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
