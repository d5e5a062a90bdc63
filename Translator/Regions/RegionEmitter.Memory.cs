using System.Reflection.Emit;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>Checked guest memory addresses.</summary>
public sealed partial class RegionEmitter
{
    /// <summary>Pushes the host address of rs1 + immediate, after the check that covers it.</summary>
    public void PushCheckedAddress(in Instruction i, MemoryShape shape)
    {
        if (_checks[_index] is { } check)
            _memory.EmitCheck(check.Register, check.Check);
        _memory.PushAddress(i);
    }

    /// <summary>Leaves unless rs1 is aligned for an atomic operation, and in a writable page.</summary>
    public void CheckAtomicAddress(in Instruction i, int bytes) => _memory.EmitAtomicCheck(i, bytes, _checks[_index]);

    /// <summary>Pushes the host address of rs1 after <see cref="CheckAtomicAddress"/>.</summary>
    public void PushAtomicAddress(in Instruction i) => _memory.PushAtomicAddress(i);

    /// <summary>if (state->field != 0) leave; a field of 4 bytes.</summary>
    public void LeaveIfSet(int stateOffset)
    {
        PushStateField(stateOffset);
        Il.Emit(OpCodes.Ldind_U4);
        Il.Emit(OpCodes.Brtrue, LeaveHere());
    }
}
