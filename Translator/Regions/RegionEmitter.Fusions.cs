using System.Numerics;
using System.Reflection;
using System.Reflection.Emit;

namespace RvJit.Translator.Regions;

/// <summary>Several instructions that are one on the host (<see cref="Fusion"/>).</summary>
public sealed partial class RegionEmitter
{
    private static readonly MethodInfo s_rotate = ((Func<ulong, int, ulong>)BitOperations.RotateRight).Method;
    private static readonly MethodInfo s_rotateWord = ((Func<uint, int, uint>)BitOperations.RotateRight).Method;

    private readonly Stack<LocalBuilder> _freeLongs = [];
    private readonly Stack<LocalBuilder> _freeWords = [];
    private readonly Dictionary<Fusion, LocalBuilder> _fused = [];
    private List<Fusion> _fusions = [];

    private void BeginFusions(Block block) => _fusions = Fusion.Find(block);

    /// <summary>Before an instruction: computes what one after it is the last step to.</summary>
    private void ComputeFusions()
    {
        foreach (Fusion f in _fusions)
        {
            if (f.From != _index)
                continue;
            if (!FreeLocals(f).TryPop(out LocalBuilder? local))
                local = Il.DeclareLocal(IsWord(f) ? typeof(int) : typeof(long));
            _fused.Add(f, local);
            if (f.Kind == FusionKind.Rotation)
                PushRotation(f);
            else
                PushField(f);
            Il.Emit(OpCodes.Stloc, local);
        }
    }

    /// <summary>Emits the current instruction as the last of a fusion, if it is one.</summary>
    private bool TryFuse(int rd)
    {
        foreach (Fusion f in _fusions)
        {
            if (f.At != _index || !_fused.Remove(f, out LocalBuilder? local))
                continue;
            FreeLocals(f).Push(local);
            Il.Emit(OpCodes.Ldloc, local);
            StoreX(rd, IsWord(f) ? Pushed.Word : Pushed.Long);
            return true;
        }

        return false;
    }

    private static bool IsWord(in Fusion f) => f is { Kind: FusionKind.Rotation, Bits: 32 };

    private Stack<LocalBuilder> FreeLocals(in Fusion f) => IsWord(f) ? _freeWords : _freeLongs;

    private void PushRotation(in Fusion f)
    {
        if (IsWord(f))
            PushWord(f.Source);
        else
            PushX(f.Source);
        Il.Emit(OpCodes.Ldc_I4, f.By);
        Call(IsWord(f) ? s_rotateWord : s_rotate);
    }

    private void PushField(in Fusion f)
    {
        PushWord(f.Source);
        if (f.Bits < 32)
            Il.Emit(f.Bits == 8 ? OpCodes.Conv_I1 : f.Signed ? OpCodes.Conv_I2 : OpCodes.Conv_U2);
        Il.Emit(f.Signed ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
        if (f.By == 0)
            return;
        Il.Emit(OpCodes.Ldc_I4, f.By);
        Il.Emit(OpCodes.Shl);
    }
}
