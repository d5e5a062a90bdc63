using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// Decides which webs are held as int32. RV64 computes C's int with instructions that sign-extend their result, which a
/// 64-bit local costs an instruction each, one more link in every dependent chain; an int32 local costs one at uses that
/// need 64 bits instead. A web qualifies when all its values are words, and is held as a word where that saves more than
/// it costs. What entries load into such a web is tested there.
/// </summary>
internal sealed class WordTypes
{
    /// <summary>How much oftener a loop's instructions are thought to run than those around it.</summary>
    private const int LoopWeight = 8;

    private const int MaxLoopDepth = 3;

    private readonly RegisterWebs _webs;
    private readonly List<Site> _sites = [];
    private readonly int[] _gain;
    private readonly int[] _cost;
    private readonly int[] _chargedIn;

    private WordTypes(IReadOnlyList<Block> blocks, RegisterWebs webs)
    {
        _webs = webs;
        _gain = new int[webs.Webs.Count];
        _cost = new int[webs.Webs.Count];
        _chargedIn = new int[webs.Webs.Count];
        int[] weights = Weigh(blocks);
        for (int k = 0; k < blocks.Count; k++)
            AddSites(blocks[k], k, weights[k]);
    }

    /// <summary>An instruction between webs; a null operand is a constant that fits in a word, or none.</summary>
    private readonly record struct Site(WordForm Form, Web? First, Web? Second, Web? Third, Web? Result, int Block, int Weight);

    public static void Assign(IReadOnlyList<Block> blocks, RegisterWebs webs)
    {
        var types = new WordTypes(blocks, webs);
        foreach (Web web in webs.Webs)
            web.IsWord = web.IsHeldAsWord = !webs.IsIdle(web);
        do
            types.FindWords();
        while (types.Release());
    }

    /// <summary>A loop is taken to be what lies between a block and an earlier one that it goes back to.</summary>
    private static int[] Weigh(IReadOnlyList<Block> blocks)
    {
        var numbers = new Dictionary<Block, int>(blocks.Count);
        foreach (Block b in blocks)
            numbers.Add(b, numbers.Count);
        int[] depths = new int[blocks.Count];
        for (int k = 0; k < blocks.Count; k++)
        {
            int head = k + 1;
            foreach (Block s in blocks[k].Successors)
                head = Math.Min(head, numbers[s]);
            for (int inside = head; inside <= k; inside++)
                depths[inside]++;
        }

        return Array.ConvertAll(depths, d => (int)Math.Pow(LoopWeight, Math.Min(d, MaxLoopDepth)));
    }

    private static bool IsWord(Web? web) => web?.IsWord ?? true;

    private static bool IsHeldAsWord(Web? web) => web?.IsHeldAsWord ?? false;

    private void AddSites(Block b, int number, int weight)
    {
        var current = (Web?[])_webs.Entering(b).Clone();
        for (int k = 0; k < b.Instructions.Count; k++)
        {
            Instruction i = b.Instructions[k];
            Operands o = i.Row!.Operands;
            Web? result = _webs.Written(b, k);
            _sites.Add(new Site(
                i.Row.Words(i),
                (o & Operands.ReadsX1) != 0 ? current[i.Rs1] : null,
                (o & Operands.ReadsX2) != 0 ? current[i.Rs2] : null,
                (o & Operands.ReadsXD) != 0 ? current[i.Rd] : null,
                result,
                number,
                weight));
            if (result is not null)
                current[i.Rd] = result;
        }
    }

    private void FindWords()
    {
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (Site s in _sites)
            {
                if (s.Result is not { IsWord: true } result)
                    continue;
                result.IsWord = (s.Form & WordForm.Result) != 0
                    || ((s.Form & WordForm.Keeps) != 0 && IsWord(s.First) && IsWord(s.Second));
                changed |= !result.IsWord;
            }
        }

        foreach (Web web in _webs.Webs)
            web.IsHeldAsWord &= web.IsWord;
    }

    /// <summary>Holds in 64 bits what does not gain by 32. False when nothing changed.</summary>
    private bool Release()
    {
        _gain.AsSpan().Clear();
        _cost.AsSpan().Clear();
        for (int k = 0; k < _chargedIn.Length; k++)
            _chargedIn[k] = -1;
        foreach (Site s in _sites)
            Weigh(s);
        bool any = false;
        foreach (Web web in _webs.Webs)
        {
            if (!web.IsHeldAsWord || (_gain[web.Number] > 0 && _gain[web.Number] >= _cost[web.Number]))
                continue;
            web.IsHeldAsWord = false;

            // Nobody tests what is loaded into 64 bits.
            web.IsWord &= !web.IsLoaded;
            any = true;
        }

        return any;
    }

    private void Weigh(in Site s)
    {
        bool keepsWords = (s.Form & WordForm.Keeps) != 0 && IsHeldAsWord(s.Result);
        bool comparesWords = (s.Form & WordForm.Compares) != 0 && IsWord(s.First) && IsWord(s.Second);
        if (s.Result is { } result)
        {
            bool extends = (s.Form & WordForm.FreeResult) == WordForm.Result;
            bool operands = keepsWords && (IsHeldAsWord(s.First) || IsHeldAsWord(s.Second));
            _gain[result.Number] += extends || operands ? s.Weight : 0;
        }

        if (!keepsWords && !comparesWords)
        {
            if ((s.Form & WordForm.Reads1) == 0)
                Charge(s.First, s);
            if ((s.Form & WordForm.Reads2) == 0)
                Charge(s.Second, s);
        }

        Charge(s.Third, s);
    }

    /// <summary>An extension: RyuJIT finds the second one of a block.</summary>
    private void Charge(Web? web, in Site s)
    {
        if (web is null || _chargedIn[web.Number] == s.Block)
            return;
        _chargedIn[web.Number] = s.Block;
        _cost[web.Number] += s.Weight;
    }
}
