using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>How a region checks addresses and reaches other regions, under one memory policy.</summary>
internal abstract class MemoryEmitter(RegionEmitter e)
{
    protected RegionEmitter E { get; } = e;

    protected ILGenerator Il => E.Il;

    /// <summary>Field of the state that says, when not zero, that a region with floating point must not be entered; 0: none.</summary>
    public virtual int FloatTrapOffset => 0;

    /// <summary>The checks that are made before loops, if the policy has such.</summary>
    public virtual CheckPlan? LoopPlan => null;

    /// <summary>For each instruction of a block: the check to make before it, or null.</summary>
    public abstract PlacedCheck?[] ChecksOf(Block block);

    /// <summary>Leaves before the current instruction unless all accesses that the check stands for are allowed.</summary>
    public abstract void EmitCheck(int register, MergedCheck check);

    /// <summary>
    /// Leaves unless all accesses that the check stands for are allowed, and lowers the count, if there is one, to the
    /// number of further iterations for which they will be.
    /// </summary>
    public virtual void EmitLoopCheck(LoopCheck check, LocalBuilder? count, Label leave) => throw new NotSupportedException();

    /// <summary>Further iterations that the check allows without measuring; negative: it measures, and lowers the count.</summary>
    public virtual int IterationsWithoutRoom(LoopCheck check) => -1;

    /// <summary>Pushes the host address of rs1 + immediate, which has been checked.</summary>
    public abstract void PushAddress(in Instruction i);

    /// <summary>Leaves before the current instruction unless rs1 is aligned, and in a writable page.</summary>
    /// <param name="i">The atomic operation.</param>
    /// <param name="bytes">Its operand's size.</param>
    /// <param name="planned">The check to make for it and others; null where it was made before, or none was planned.</param>
    public abstract void EmitAtomicCheck(in Instruction i, int bytes, PlacedCheck? planned);

    /// <summary>Pushes the host address of rs1 after <see cref="EmitAtomicCheck"/>.</summary>
    public abstract void PushAtomicAddress(in Instruction i);

    /// <summary>What checks left for the end of the region.</summary>
    public abstract void EmitColdChecks();

    /// <summary>Goes on at a known address outside the region; registers are written back.</summary>
    public abstract void EmitJump(ulong source, ulong target);

    /// <summary>Goes on where <see cref="RegionEmitter.TargetLocal"/> says; the label returns that to the dispatcher.</summary>
    public abstract void EmitIndirectJump(Label back);

    /// <summary>Leaves unless rs1 is a multiple of the operand's size.</summary>
    protected void EmitAlignmentTest(int rs1, int bytes, Label leave)
    {
        if (bytes == 1)
            return;
        E.PushX(rs1);
        Il.Emit(OpCodes.Ldc_I4, bytes - 1);
        Il.Emit(OpCodes.Conv_I8);
        Il.Emit(OpCodes.And);
        E.PushConstant(0);
        Il.Emit(OpCodes.Bne_Un, leave);
    }

    /// <summary>Hands a target to the dispatcher.</summary>
    protected void EmitReturn(ulong target)
    {
        E.PushConstant((long)target);
        Il.Emit(OpCodes.Ret);
    }

    /// <summary>Pushes state and memory; the target, then its cell's contents, must follow before the tail call.</summary>
    protected void PushStateAndMemory()
    {
        Il.Emit(OpCodes.Ldarg_0);
        Il.Emit(OpCodes.Ldarg_1);
    }

    /// <summary>Jumps through a cell at a fixed host address.</summary>
    protected unsafe void EmitJumpThrough(nint* cell, ulong target)
    {
        PushStateAndMemory();
        E.PushConstant((long)target);
        Il.Emit(OpCodes.Ldc_I8, (long)cell);
        Il.Emit(OpCodes.Conv_I);
        Il.Emit(OpCodes.Ldind_I);
        E.EmitTailCall();
    }
}
