using System.Reflection;
using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Translator.Regions;

/// <summary>Integer registers in IL locals: each has one of 32 and one of 64 bits, of which its webs use one.</summary>
public sealed partial class RegionEmitter
{
    private static readonly MethodInfo s_lowWord = typeof(LowWord).GetMethod(nameof(LowWord.Of))!;

    private readonly LocalBuilder?[] _longs = new LocalBuilder?[32];
    private readonly LocalBuilder?[] _words = new LocalBuilder?[32];
    private Web?[] _current = [];
    private LocalBuilder? _loaded;

    /// <summary>Whether the current instruction's result is held in 32 bits.</summary>
    public bool ResultIsWord => _webs.Written(_block, _index) is { IsHeldAsWord: true };

    /// <summary>Where code that stands at the end of the region belongs.</summary>
    internal EmitterPoint Here => new(_block, _index, Pc, _dirty, (Web?[])_current.Clone());

    /// <summary>Pushes a register as int64.</summary>
    public void PushX(int register)
    {
        if (register == 0)
            PushConstant(0);
        else
            Push(register, _current[register]!.IsHeldAsWord);
    }

    /// <summary>Pushes the low 32 bits of a register.</summary>
    public void PushWord(int register)
    {
        if (register == 0)
        {
            Il.Emit(OpCodes.Ldc_I4_0);
            return;
        }

        Web web = _current[register]!;
        Il.Emit(OpCodes.Ldloc, LocalOf(register, web.IsHeldAsWord));
        if (!web.IsHeldAsWord)
            Il.Emit(OpCodes.Conv_I4);
    }

    /// <summary>Pushes the low 32 bits of a register for an operation that has its operands in certain host registers.</summary>
    public void PushWordApart(int register)
    {
        if (register == 0 || IsHeldAsWord(register))
        {
            PushWord(register);
            return;
        }

        PushX(register);
        Call(s_lowWord);
    }

    /// <summary>Pops the current instruction's result, an int64 unless said otherwise, into its register.</summary>
    public void StoreX(int register, Pushed pushed = Pushed.Long)
    {
        if (register == 0)
        {
            Il.Emit(OpCodes.Pop);
            return;
        }

        Web web = _webs.Written(_block, _index)!;
        if (web.IsHeldAsWord && pushed == Pushed.Long)
            Il.Emit(OpCodes.Conv_I4);
        else if (!web.IsHeldAsWord && pushed == Pushed.Word)
            Il.Emit(OpCodes.Conv_I8);
        else if (!web.IsHeldAsWord && pushed == Pushed.Positive)
            Il.Emit(OpCodes.Conv_U8);
        Il.Emit(OpCodes.Stloc, LocalOf(web.Register, web.IsHeldAsWord));
        _current[register] = web;
    }

    public bool IsHeldAsWord(int register) => _current[register] is { IsHeldAsWord: true };

    /// <summary>Whether two registers are compared as words: both are, and extending at least one is saved.</summary>
    public bool CompareAsWords(int rs1, int rs2) =>
        IsWord(rs1) && IsWord(rs2) && (IsHeldAsWord(rs1) || IsHeldAsWord(rs2));

    /// <summary>Goes on emitting for a point that was passed before: registers are found, and left, as they were there.</summary>
    internal void Resume(EmitterPoint point)
    {
        (_block, _index, Pc, _dirty) = (point.Block, point.Index, point.Pc, point.Dirty);
        _current = (Web?[])point.Webs.Clone();
    }

    private bool IsWord(int register) => register == 0 || _current[register]!.IsWord;

    private LocalBuilder LocalOf(int register, bool word) => word
        ? _words[register] ??= Il.DeclareLocal(typeof(int))
        : _longs[register] ??= Il.DeclareLocal(typeof(long));

    private void Push(int register, bool word)
    {
        Il.Emit(OpCodes.Ldloc, LocalOf(register, word));
        if (word)
            Il.Emit(OpCodes.Conv_I8);
    }

    private void EmitEntryLoads(Block block)
    {
        foreach (Web? web in _webs.Entering(block))
        {
            if (web is null)
                continue;
            PushStateField(HartState.XOffset + (8 * web.Register));
            Il.Emit(OpCodes.Ldind_I8);
            if (web.IsHeldAsWord)
            {
                // if ((int)x != x) leave: what is no word was not computed by this code, and the interpreter goes on with it.
                _loaded ??= Il.DeclareLocal(typeof(long));
                Il.Emit(OpCodes.Stloc, _loaded);
                Il.Emit(OpCodes.Ldloc, _loaded);
                Il.Emit(OpCodes.Conv_I4);
                Il.Emit(OpCodes.Conv_I8);
                Il.Emit(OpCodes.Ldloc, _loaded);
                Il.Emit(OpCodes.Bne_Un, LeaveAtEntry(block));
                Il.Emit(OpCodes.Ldloc, _loaded);
                Il.Emit(OpCodes.Conv_I4);
            }

            Il.Emit(OpCodes.Stloc, LocalOf(web.Register, web.IsHeldAsWord));
        }
    }

    /// <summary>Which of these registers are held in 32 bits.</summary>
    private ulong WordsOf(ulong registers)
    {
        ulong words = 0;
        for (int r = 1; r < 32; r++)
        {
            if ((registers & (1UL << r)) != 0 && IsHeldAsWord(r))
                words |= 1UL << r;
        }

        return words;
    }
}

/// <summary>A place in front of an instruction, and where its registers are there.</summary>
internal sealed record EmitterPoint(Block Block, int Index, ulong Pc, ulong Dirty, Web?[] Webs);
