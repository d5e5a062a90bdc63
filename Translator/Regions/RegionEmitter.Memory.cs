using System.Reflection.Emit;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>Checked guest memory addresses.</summary>
public sealed partial class RegionEmitter
{
    private LocalBuilder? _atomicAddress;
    private LocalBuilder? _atomicResult;

    /// <summary>Host address of an atomic operation.</summary>
    internal LocalBuilder AtomicAddress => _atomicAddress ??= Il.DeclareLocal(typeof(nint));

    internal LocalBuilder AtomicResult => _atomicResult ??= Il.DeclareLocal(typeof(long));

    /// <summary>Pushes the host address of rs1 + immediate, after the check that covers it.</summary>
    public void PushCheckedAddress(in Instruction i, MemoryShape shape)
    {
        if (_checks[_index] is { } check)
            _memory.EmitCheck(i.Rs1, check);
        _memory.PushAddress(i);
    }

    /// <summary>Pushes the host address of rs1 for an atomic operation: aligned, in a writable page.</summary>
    public void PushCheckedAtomicAddress(in Instruction i, int bytes) => _memory.PushAtomicAddress(i, bytes);

    /// <summary>if (state->field != 0) leave; a field of 4 bytes.</summary>
    public void LeaveIfSet(int stateOffset)
    {
        PushStateField(stateOffset);
        Il.Emit(OpCodes.Ldind_U4);
        Il.Emit(OpCodes.Brtrue, LeaveHere());
    }
}
