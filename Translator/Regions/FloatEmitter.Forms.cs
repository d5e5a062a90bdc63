using System.Numerics;
using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// Brings F registers into the form that an instruction, the next block or memory wants them in.
/// <para>A register in doubt (<see cref="FloatBlock.InDoubt"/>) has a bit in a local: whether it was written since the
/// region was entered. Until then its local is not loaded, and memory has it.</para>
/// </summary>
public sealed partial class FloatEmitter
{
    private LocalBuilder? _written;
    private uint _inDoubt;

    private LocalBuilder Written => _written ??= Il.DeclareLocal(typeof(int));

    /// <summary>Loads what is live at an entry; leaves where it has not the form that the block wants.</summary>
    internal void EmitEntry(Block block)
    {
        if (!Used)
            return;
        if (_flow.AnyInDoubt)
        {
            Il.Emit(OpCodes.Ldc_I4_0);
            Il.Emit(OpCodes.Stloc, Written);
        }

        FloatBlock info = _flow[block];
        for (uint live = info.Live; live != 0; live &= live - 1)
        {
            int r = BitOperations.TrailingZeroCount(live);
            int offset = HartState.FOffset + (sizeof(double) * r);
            _forms[r] = FloatForm.Loaded;
            if (info.In[r].Single)
            {
                // if (upper half of f[r] != 0xFFFFFFFF) leave; The interpreter goes on with other bits.
                _e.PushStateField(offset + sizeof(float));
                Il.Emit(OpCodes.Ldind_I4);
                Il.Emit(OpCodes.Ldc_I4_M1);
                Il.Emit(OpCodes.Bne_Un, _e.LeaveAtEntry(block));
                _forms[r] = new FloatForm(true, NaNBits.Exact);
            }

            _e.PushStateField(offset);
            Il.Emit(_forms[r].Single ? OpCodes.Ldind_R4 : OpCodes.Ldind_R8);
            Il.Emit(OpCodes.Stloc, Local(r, ViewOf(r)));
            if (info.In[r].NaN == NaNBits.Computed)
                LeaveIfAnyNaN(r, _e.LeaveAtEntry(block));
        }
    }

    internal void BeginBlock(Block block)
    {
        if (!Used)
            return;
        _block = block;
        FloatBlock info = _flow[block];
        info.In.CopyTo(_forms, 0);
        _inDoubt = info.InDoubt;
        _unused = _flow.UnusedResults(block);
    }

    /// <summary>Whether <see cref="Push"/> is all it takes to get elements of so many bytes.</summary>
    internal bool IsHeldAs(int register, int bytes, bool withNaNBits) =>
        _forms[register].Single == (bytes == sizeof(float)) && !(withNaNBits && _forms[register].NaN == NaNBits.Computed);

    /// <summary>Before an instruction: its sources get the form it wants.</summary>
    internal void Prepare(in Instruction i, int index)
    {
        _index = index;
        if (!Used)
            return;
        Row row = i.Row!;
        FloatUse use = row.FloatUse(i);
        for (uint reads = FloatFlow.Reads(i); reads != 0; reads &= reads - 1)
        {
            int r = BitOperations.TrailingZeroCount(reads);
            bool hasView = !use.NeedsView || _forms[r].Single == (row.SourceView == FloatView.Single);
            if (use.NeedsNaNBits(_forms[r], row.SourceView))
                LeaveIfNaN(r);
            if (hasView)
                continue;
            if (_forms[r].Single)
            {
                PushBits(r);
                StoreBits(r, FloatView.Double);
                _forms[r] = new FloatForm(false, NaNBits.Boxed);
            }
            else
            {
                Unbox(r);
            }
        }

        if (use.RaisesFlagsInline && FloatFlow.Reads(i) != 0 && _invariants.Contains(_block, i))
            Hide(BitOperations.TrailingZeroCount(FloatFlow.Reads(i)));
    }

    /// <summary>After an instruction: what its result is.</summary>
    internal void Finish(in Instruction i)
    {
        uint writes = FloatFlow.Writes(i);
        if (writes == 0)
            return;
        _forms[i.Rd] = _forms[i.Rs1].Result(i.Row!.FloatUse(i), i.Row.ResultView);
        _inDoubt &= ~writes;
    }

    /// <summary>Gives registers the forms that the next blocks want, before the jump that ends the block, or at its end.</summary>
    internal void EndBlock()
    {
        if (!Used)
            return;
        foreach (Block s in _block.Successors)
        {
            FloatBlock next = _flow[s];
            for (uint held = next.Live | _flow.MayBeWrittenAtEnd(_block); held != 0; held &= held - 1)
            {
                int r = BitOperations.TrailingZeroCount(held);
                FloatForm want = next.In[r];
                bool knows = want.NaN == NaNBits.Computed && _forms[r].NaN is NaNBits.Exact or NaNBits.Boxed;
                bool canonical = _forms[r].NaN == NaNBits.Computed && want.NaN != NaNBits.Computed;
                if (!knows && !canonical)
                    continue;
                Label after = Il.DefineLabel();
                SkipUnlessWritten(r, _inDoubt, after);
                if (canonical)
                    MakeCanonical(r);
                else
                    LeaveIfAnyNaN(r, _e.LeaveHere());
                if ((_inDoubt >> r & 1) == 0)
                    _forms[r] = _forms[r] with { NaN = canonical ? NaNBits.Canonical : NaNBits.Number };
                Il.MarkLabel(after);
            }
        }

        foreach (Block s in _block.Successors)
            Widen(_flow[s]);
        EmitWritten();
    }

    /// <summary>How an exit here writes registers back.</summary>
    internal FloatSpill SpillOf(ulong dirty)
    {
        var set = (uint)(dirty >> 32);
        uint single = 0;
        uint computed = 0;
        for (uint rest = set; rest != 0; rest &= rest - 1)
        {
            int r = BitOperations.TrailingZeroCount(rest);
            single |= _forms[r].Single ? 1u << r : 0;
            computed |= _forms[r].NaN == NaNBits.Computed ? 1u << r : 0;
        }

        return new FloatSpill(single, computed, _inDoubt & set);
    }

    internal void EmitSpill(int register, in FloatSpill spill)
    {
        Label after = Il.DefineLabel();
        FloatView view = (spill.Single >> register & 1) != 0 ? FloatView.Single : FloatView.Double;
        int offset = HartState.FOffset + (sizeof(double) * register);
        SkipUnlessWritten(register, spill.InDoubt, after);
        _e.PushStateField(offset);
        Il.Emit(OpCodes.Ldloc, Local(register, view));
        if ((spill.Computed >> register & 1) != 0)
            _e.Call(HostOperations.WithCanonicalNaN(view));
        Il.Emit(view == FloatView.Single ? OpCodes.Stind_R4 : OpCodes.Stind_R8);
        if (view == FloatView.Single)
        {
            _e.PushStateField(offset + sizeof(float));
            Il.Emit(OpCodes.Ldc_I4_M1);
            Il.Emit(OpCodes.Stind_I4);
        }

        Il.MarkLabel(after);
    }

    // x = volatile copy of x: not the same value to RyuJIT in each round of a loop.
    private void Hide(int register)
    {
        FloatView view = ViewOf(register);
        bool single = view == FloatView.Single;
        _e.PushStateField(HartState.ScratchOffset);
        Il.Emit(OpCodes.Ldloc, Local(register, view));
        Il.Emit(OpCodes.Volatile);
        Il.Emit(single ? OpCodes.Stind_R4 : OpCodes.Stind_R8);
        _e.PushStateField(HartState.ScratchOffset);
        Il.Emit(OpCodes.Volatile);
        Il.Emit(LoadOf(view));
        Il.Emit(OpCodes.Stloc, Local(register, view));
    }

    // if ((written & bit) == 0) goto label;
    private void SkipUnlessWritten(int register, uint inDoubt, Label label)
    {
        if ((inDoubt >> register & 1) == 0)
            return;
        Il.Emit(OpCodes.Ldloc, Written);
        Il.Emit(OpCodes.Ldc_I4, 1 << register);
        Il.Emit(OpCodes.And);
        Il.Emit(OpCodes.Brfalse, label);
    }

    /// <summary>
    /// Notes what has been written where it meets a path on which it was not. The bits of registers that no path has
    /// written are zero, so they are set by assignment unless some are not known here.
    /// </summary>
    private void EmitWritten()
    {
        uint meeting = 0;
        foreach (Block s in _block.Successors)
            meeting |= _flow[s].MayBeWritten & ~_flow[s].MustBeWritten;
        uint must = _flow.MustBeWrittenAtEnd(_block);
        uint set = meeting & must;
        if (set == 0)
            return;
        Il.Emit(OpCodes.Ldc_I4, (int)set);
        if ((meeting & ~must & _flow.MayBeWrittenAtEnd(_block)) != 0)
        {
            Il.Emit(OpCodes.Ldloc, Written);
            Il.Emit(OpCodes.Or);
        }

        Il.Emit(OpCodes.Stloc, Written);
    }

    /// <summary>Copies singles for a block that gets them as doubles; a block that gets them as singles has them, too.</summary>
    private void Widen(FloatBlock next)
    {
        for (uint held = next.Live | _flow.MayBeWrittenAtEnd(_block); held != 0; held &= held - 1)
        {
            int r = BitOperations.TrailingZeroCount(held);
            if (!_forms[r].Single || next.In[r].Single)
                continue;
            PushBits(r);
            _e.Call(s_bitsDouble);
            Il.Emit(OpCodes.Stloc, Local(r, FloatView.Double));
        }
    }

    /// <summary>Makes a float of a register that is a boxed single; leaves when it is none.</summary>
    private void Unbox(int register)
    {
        PushBits(register);
        Il.Emit(OpCodes.Ldc_I4, 32);
        Il.Emit(OpCodes.Shr);
        _e.PushConstant(-1);
        Il.Emit(OpCodes.Bne_Un, _e.LeaveHere());
        PushBits(register);
        StoreBits(register, FloatView.Single);
        _forms[register] = new FloatForm(true, NaNBits.Exact);
    }

    // x = x == x ? x : canonical NaN
    private void MakeCanonical(int register)
    {
        FloatView view = ViewOf(register);
        Push(register, view);
        _e.Call(HostOperations.WithCanonicalNaN(view));
        Il.Emit(OpCodes.Stloc, Local(register, view));
    }

    /// <summary>if (x != x) leave; A signalling NaN raises its flag: only before what would raise it.</summary>
    private void LeaveIfNaN(int register)
    {
        if (_forms[register].NaN == NaNBits.Number)
            return;
        FloatView view = ViewOf(register);
        Push(register, view);
        Push(register, view);
        Il.Emit(OpCodes.Bne_Un, _e.LeaveHere());
        _forms[register] = _forms[register] with { NaN = NaNBits.Number };
    }

    // if (bits << 1 > infinity << 1) goto label; Raises no flag, whatever the NaN.
    private void LeaveIfAnyNaN(int register, Label label)
    {
        bool single = _forms[register].Single;
        Il.Emit(OpCodes.Ldloc, Local(register, ViewOf(register)));
        _e.Call(single ? s_singleBits : s_doubleBits);
        Il.Emit(OpCodes.Ldc_I4_1);
        Il.Emit(OpCodes.Shl);
        if (single)
            Il.Emit(OpCodes.Ldc_I4, BitConverter.SingleToInt32Bits(float.PositiveInfinity) << 1);
        else
            Il.Emit(OpCodes.Ldc_I8, BitConverter.DoubleToInt64Bits(double.PositiveInfinity) << 1);
        Il.Emit(OpCodes.Bgt_Un, label);
    }
}

/// <summary>How an exit writes F registers back. Bit r of a set is f[r].</summary>
/// <param name="Single">They are boxed singles.</param>
/// <param name="Computed">NaNs become canonical.</param>
/// <param name="InDoubt">Only if they have been written.</param>
internal readonly record struct FloatSpill(uint Single, uint Computed, uint InDoubt);
