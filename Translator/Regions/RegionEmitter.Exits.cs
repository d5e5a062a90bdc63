using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;
using RvJit.Machine;

namespace RvJit.Translator.Regions;

/// <summary>How control moves inside a region and leaves it.</summary>
public sealed partial class RegionEmitter
{
    private readonly List<PendingExit> _cold = [];
    private readonly List<PendingChain> _chains = [];
    private readonly Dictionary<WriteBack, Label> _tails = [];
    private LocalBuilder? _exitPc;

    private readonly record struct PendingExit(Label Label, ulong Pc, bool Step, WriteBack WriteBack, int Uncount, int Failed);

    private readonly record struct PendingChain(Label Label, ulong Source, ulong Target, WriteBack WriteBack);

    /// <summary>What an exit writes back: a set of registers, and in which locals they are.</summary>
    private readonly record struct WriteBack(ulong Dirty, ulong Words, FloatSpill Float)
    {
        public bool Equals(WriteBack other) => Dirty == other.Dirty && Words == other.Words && Float.Equals(other.Float);

        public override int GetHashCode() => HashCode.Combine(Dirty, Words);
    }

    /// <summary>A label that leaves before the current instruction, which the dispatcher then executes.</summary>
    public Label LeaveHere() => ColdExit(Pc, step: true, _dirty, _block.Instructions.Count - _index);

    /// <summary>A label that leaves where the region is entered, before anything is loaded.</summary>
    internal Label LeaveAtEntry(Block block) => ColdExit(block.Start, step: true, dirty: 0, uncount: 0);

    /// <summary>As <see cref="LeaveHere"/>, because an address check failed, which may have been too strict.</summary>
    internal Label LeaveForCheck() => ColdExit(Pc, step: true, _dirty, _block.Instructions.Count - _index, failed: _number);

    /// <summary>Ends the current block with a conditional branch; the two operands are on the stack.</summary>
    public void BranchTo(OpCode taken, ulong target)
    {
        if (_block.Taken is { } inside)
        {
            EmitBranchInside(taken, inside); // one that polls did so before its operands were pushed
            return;
        }

        Label exit = Il.DefineLabel();
        _chains.Add(new PendingChain(exit, Pc, target, WriteBackOf(_dirty)));
        Il.Emit(taken, exit);
    }

    /// <summary>Ends the current block by a jump or a call to a known address.</summary>
    public void JumpTo(ulong target) => Go(_block.Taken, target);

    /// <summary>Ends the current block by going on at what follows it.</summary>
    public void GoOn(ulong next) => Go(_block.Next, next);

    private void Go(Block? inside, ulong target)
    {
        if (inside is null)
        {
            EmitChain(Pc, target, WriteBackOf(_dirty));
            return;
        }

        if (MustPoll(_block, inside))
            EmitPoll(ColdExit(target, step: false, _dirty, uncount: 0));
        EmitEdge(inside);
        if (inside != _following || _plan?.LoopAt(inside) is not null)
            Il.Emit(OpCodes.Br, LabelTo(_block, inside));
    }

    /// <summary>
    /// Every cycle in the region must poll, unless it counts. In every cycle some transfer leads back in the order of the
    /// nest, or nowhere.
    /// </summary>
    private bool MustPoll(Block from, Block to) =>
        !CountsInstead(from, to) && _nest.PositionOf(to) <= _nest.PositionOf(from);

    /// <summary>A label to leave at a pc with a set of registers to write back; its code stands at the end.</summary>
    internal Label ColdExit(ulong pc, bool step, ulong dirty, int uncount, int failed = 0)
    {
        WriteBack writeBack = WriteBackOf(dirty);
        foreach (ref readonly PendingExit e in CollectionsMarshal.AsSpan(_cold))
        {
            if (e.Pc == pc && e.Step == step && e.WriteBack == writeBack && e.Uncount == uncount && e.Failed == failed)
                return e.Label;
        }

        Label label = Il.DefineLabel();
        _cold.Add(new PendingExit(label, pc, step, writeBack, uncount, failed));
        return label;
    }

    private void EmitPoll(Label exit) => EmitPollTo(exit);

    // if (Volatile.Read(ref state->Poll) != 0) goto label;  Without volatile. the load is hoisted and the loop never ends.
    private void EmitPollTo(Label label)
    {
        PushStateField(HartState.PollOffset);
        Il.Emit(OpCodes.Volatile);
        Il.Emit(OpCodes.Ldind_I4);
        Il.Emit(OpCodes.Brtrue, label);
    }

    /// <summary>Pops a code block; pushes the contents of the cell of <see cref="TargetLocal"/> in it.</summary>
    internal void EmitCellOfTarget()
    {
        Il.Emit(OpCodes.Ldloc, TargetLocal);
        PushConstant(HostMemory.PageSize - 2);
        Il.Emit(OpCodes.And);
        Il.Emit(OpCodes.Ldc_I4_2);
        Il.Emit(OpCodes.Shl);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Ldind_I);
    }

    internal void EmitTailCall()
    {
        Il.Emit(OpCodes.Tailcall);
        Il.EmitCalli(OpCodes.Calli, CallingConventions.Standard, typeof(long), s_parameters, null);
        Il.Emit(OpCodes.Ret);
    }

    /// <summary>Leaves for another region: write back, jump.</summary>
    private void EmitChain(ulong source, ulong target, in WriteBack writeBack)
    {
        EmitSpill(writeBack);
        _memory.EmitJump(source, target);
    }

    private WriteBack WriteBackOf(ulong dirty) => new(dirty, WordsOf(dirty), Float.SpillOf(dirty));

    private void EmitSpill(in WriteBack writeBack)
    {
        for (int r = 1; r < 32; r++)
        {
            if ((writeBack.Dirty & (1UL << r)) == 0)
                continue;
            PushStateField(HartState.XOffset + (8 * r));
            Push(r, (writeBack.Words & (1UL << r)) != 0);
            Il.Emit(OpCodes.Stind_I8);
        }

        for (int r = 0; r < 32; r++)
        {
            if ((writeBack.Dirty & DataFlow.F(r)) != 0)
                Float.EmitSpill(r, writeBack.Float);
        }
    }

    private void EmitColdCode()
    {
        foreach (PendingChain c in _chains)
        {
            Il.MarkLabel(c.Label);
            EmitChain(c.Source, c.Target, c.WriteBack);
        }

        EmitColdEdges();
        _memory.EmitColdChecks();

        // exitPc = pc; goto tail(dirty);
        _exitPc = Il.DeclareLocal(typeof(long));
        foreach (PendingExit e in _cold)
        {
            Il.MarkLabel(e.Label);
            if (_count && e.Uncount != 0)
                AddRetired(-e.Uncount);
            if (e.Failed != 0)
                EmitFailedCheck(e.Failed);
            PushConstant((long)e.Pc | (e.Step ? StepBit : 0));
            Il.Emit(OpCodes.Stloc, _exitPc);
            ref Label tail = ref CollectionsMarshal.GetValueRefOrAddDefault(_tails, e.WriteBack, out bool known);
            if (!known)
                tail = Il.DefineLabel();
            Il.Emit(OpCodes.Br, tail);
        }

        foreach ((WriteBack writeBack, Label tail) in _tails)
        {
            Il.MarkLabel(tail);
            EmitSpill(writeBack);
            Il.Emit(OpCodes.Ldloc, _exitPc);
            Il.Emit(OpCodes.Ret);
        }
    }
}
