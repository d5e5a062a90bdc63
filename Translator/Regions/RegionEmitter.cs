using System.Reflection;
using System.Reflection.Emit;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

public sealed class RegionEmitter
{
    public ILGenerator Il => throw new NotSupportedException();
    public ulong Pc => throw new NotSupportedException();
    public LocalBuilder TargetLocal => throw new NotSupportedException();
    public FloatEmitter Float => throw new NotSupportedException();
    public void PushX(int r) => throw new NotSupportedException();
    public void StoreX(int r) => throw new NotSupportedException();
    public void PushConstant(long v) => throw new NotSupportedException();
    public void PushState() => throw new NotSupportedException();
    public void Call(MethodInfo m) => throw new NotSupportedException();
    public void BranchTo(OpCode op, ulong target) => throw new NotSupportedException();
    public void GoTo(ulong target) => throw new NotSupportedException();
    public void GoToRegister() => throw new NotSupportedException();
    public void PushCheckedAddress(in Instruction i, MemoryShape shape) => throw new NotSupportedException();
    public void PushCheckedAtomicAddress(in Instruction i, int bytes) => throw new NotSupportedException();
}

public sealed class FloatEmitter
{
    public void Binary(in Instruction i, FloatView v, OpCode op) => throw new NotSupportedException();
    public void SquareRoot(in Instruction i, FloatView v) => throw new NotSupportedException();
    public void Fused(in Instruction i, FloatView v, bool np, bool na) => throw new NotSupportedException();
    public void MinMax(in Instruction i, FloatView v, bool max) => throw new NotSupportedException();
    public void Compare(in Instruction i, FloatView v, OpCode op, bool negate) => throw new NotSupportedException();
    public void SignInject(in Instruction i, FloatView v, Isa.Kernels.SignRule r) => throw new NotSupportedException();
    public void ToInteger(in Instruction i, FloatView v, Isa.Kernels.IntegerType t) => throw new NotSupportedException();
    public void FromInteger(in Instruction i, FloatView v, Isa.Kernels.IntegerType t) => throw new NotSupportedException();
    public void Resize(in Instruction i, FloatView from, FloatView to) => throw new NotSupportedException();
    public void MoveToInteger(in Instruction i, FloatView v) => throw new NotSupportedException();
    public void MoveFromInteger(in Instruction i, FloatView v) => throw new NotSupportedException();
    public void Push(int r, FloatView v) => throw new NotSupportedException();
    public void Store(int r, FloatView v) => throw new NotSupportedException();
    public void PushBits(int r) => throw new NotSupportedException();
}
