using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>A check made before a loop, for all its iterations or a number of them.</summary>
/// <param name="Register">Whose value the accesses are relative to; when the iteration begins.</param>
/// <param name="Check">What one iteration accesses.</param>
/// <param name="Step">Most that one iteration adds to the register, all of one sign; 0: the register stays.</param>
/// <param name="Alignment">What the register itself must be a multiple of, if it stays; 1 for anything.</param>
internal readonly record struct LoopCheck(int Register, MergedCheck Check, int Step, int Alignment);

/// <summary>The checks made before one loop.</summary>
internal sealed class LoopChecks(Loop loop)
{
    private readonly List<LoopCheck> _checks = [];

    public Loop Loop { get; } = loop;

    public List<LoopCheck> Checks => _checks;

    /// <summary>
    /// The checks hold for a number of iterations; then, and after the region was entered in the middle of one, they are
    /// made again.
    /// </summary>
    public bool Counts => Loop.HasSideEntry || _checks.Exists(c => c.Step != 0);

    /// <summary>Tells what has been checked whenever an iteration begins.</summary>
    public void Promise(KnownAddresses known)
    {
        foreach (LoopCheck c in _checks)
            known.Promise(c.Register, c.Check.Bytes, c.Check.Writes);
    }

    /// <summary>Adds accesses to a check of the same register that has room, or to a new one.</summary>
    public void Add(LoopCheck more)
    {
        if (!TryWiden(more))
            _checks.Add(more);
    }

    public bool TryWiden(LoopCheck more)
    {
        for (int k = 0; k < _checks.Count; k++)
        {
            LoopCheck c = _checks[k];
            Extent both = c.Check.Bytes.Hull(more.Check.Bytes);
            if (c.Register != more.Register || both.High - both.Low > HostMemory.PageSize)
                continue;
            _checks[k] = c with
            {
                Check = new MergedCheck(both, c.Check.Reads | more.Check.Reads, c.Check.Writes | more.Check.Writes),
                Alignment = Math.Max(c.Alignment, more.Alignment),
            };
            return true;
        }

        return false;
    }
}

/// <summary>
/// Moves checks out of loops: those of registers that stay before the outermost loop in which they do, those of
/// registers that only move by constants one way to where a number of iterations can be answered for at once.
/// </summary>
internal sealed class LoopPlanner(LoopNest nest, AddressFacts facts)
{
    /// <summary>Faster pointers leave a pair of pages too soon.</summary>
    private const int MostStep = 512;

    private const int MostChecks = 8;
    private const int StackPointer = 2;

    private readonly Dictionary<Loop, int?[]> _steps = [];
    private readonly Dictionary<Block, LoopChecks> _plan = [];

    /// <summary>Checks by the header of their loop.</summary>
    public IReadOnlyDictionary<Block, LoopChecks> Plan => _plan;

    /// <summary>Plans for what the facts still want checked inside loops; false when there is nothing more to move.</summary>
    public bool Add()
    {
        bool any = false;
        foreach (AddressFacts.Access access in Accesses(areChecked: true))
        {
            if (Place(access) is not (Loop loop, LoopCheck check))
                continue;
            if (!_plan.TryGetValue(loop.Header, out LoopChecks? checks))
                _plan.Add(loop.Header, checks = new LoopChecks(loop));
            if (checks.Checks.Count >= MostChecks)
                continue;
            checks.Add(check);
            any = true;
        }

        // Accesses that the moved checks covered so far.
        foreach (AddressFacts.Access access in any ? Accesses(areChecked: false) : [])
        {
            if (Place(access) is (Loop loop, LoopCheck check) && _plan.TryGetValue(loop.Header, out LoopChecks? checks))
                checks.TryWiden(check);
        }

        return any;
    }

    private List<AddressFacts.Access> Accesses(bool areChecked)
    {
        var accesses = new List<AddressFacts.Access>();
        foreach (Block b in nest.Order)
        {
            if (nest.Innermost(b) is null)
                continue;
            foreach (AddressFacts.Access access in facts.AccessesOf(b))
            {
                if (access.Checked == areChecked)
                    accesses.Add(access);
            }
        }

        return accesses;
    }

    /// <summary>The loop before which an access can be checked, and how; null when it cannot, or would be too bold.</summary>
    private (Loop Loop, LoopCheck Check)? Place(AddressFacts.Access access)
    {
        // What is checked before a loop that hardly goes round is checked more often than in it.
        Loop? innermost = nest.Innermost(access.Block);
        while (innermost is { IsSeldomRepeated: true })
            innermost = innermost.Parent;
        if (innermost is not { } loop)
            return null;
        Block known = loop.Header;
        int register = 0;
        if (access.Symbol != 0 && !facts.TryGetRegister(access.Symbol, loop, out known, out register))
            return null;
        if (StepsOf(loop)[register] is not { } step || !IsSure(access.Block, loop, register))
            return null;
        Extent bytes = access.Bytes;
        int alignment = access.IsAligned && step == 0 && bytes.Low == 0 ? (int)bytes.High : 1;
        if (step == 0)
        {
            while (!HasEntry(loop) && loop.Parent is { } parent && StepsOf(parent)[register] is 0 && IsSure(access.Block, parent, register))
                loop = parent;
        }
        else if (known != loop.Header)
        {
            // The register was seen after some of the iteration's steps.
            bytes = step > 0 ? bytes with { High = bytes.High + step } : bytes with { Low = bytes.Low + step };
            if (bytes.High - bytes.Low > HostMemory.PageSize)
                return null;
        }

        return (loop, new LoopCheck(register, new MergedCheck(bytes, !access.Writes, access.Writes), step, alignment));
    }

    /// <summary>Whoever enters the region there has not passed the checks made before the loops around.</summary>
    private static bool HasEntry(Loop loop) => loop.HasSideEntry || loop.Header.IsEntry;

    /// <summary>Whether an iteration that ends makes the access, or a check of what it may not make fails rarely.</summary>
    private bool IsSure(Block block, Loop loop, int register) =>
        register == StackPointer || loop.Latches.Exists(latch => nest.Dominates(block, latch));

    /// <summary>For each register what one iteration can add to it at most; null when that is not known.</summary>
    private int?[] StepsOf(Loop loop)
    {
        if (_steps.TryGetValue(loop, out int?[]? steps))
            return steps;
        steps = new int?[32];
        for (int r = 0; r < steps.Length; r++)
            steps[r] = loop.HasOtherCycle ? null : 0;
        foreach (Block b in loop.Blocks)
        {
            bool isOnce = nest.Innermost(b) == loop;
            foreach (Instruction i in b.Instructions)
            {
                if ((i.Row!.Operands & Operands.WritesX) != 0 && i.Rd != 0)
                    steps[i.Rd] = isOnce && steps[i.Rd] is { } sum ? Move(i, sum) : null;
            }
        }

        _steps.Add(loop, steps);
        return steps;
    }

    private static int? Move(in Instruction i, int sum)
    {
        if (!i.Row!.TryGetSum(i, 0, out int source, out long by) || source != i.Rd || by is < -MostStep or > MostStep)
            return null;
        int moved = sum + (int)by;
        bool turns = (sum < 0 && by > 0) || (sum > 0 && by < 0);
        return turns || moved is < -MostStep or > MostStep ? null : moved;
    }
}
