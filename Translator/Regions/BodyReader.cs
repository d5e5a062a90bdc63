using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// Collects the instructions of bodies, breadth-first over branches, jumps and fall-through, and decides which calls are
/// inlined: those of small functions that run often and come back.
/// </summary>
internal sealed class BodyReader(CodeSource code, int maxInstructions)
{
    /// <summary>A callee with more instructions is called.</summary>
    public const int MaxInlined = 96;

    /// <summary>A callee with more instructions is called when it has a loop, beside which a call is little.</summary>
    private const int MaxInlinedLoop = 48;

    /// <summary>A region that a callee would make larger copies it only when it is small.</summary>
    private const int LargeRegion = 300;

    /// <summary>A callee with more instructions is called by large regions.</summary>
    private const int MaxInlinedInLarge = 48;

    /// <summary>A region of so many instructions of its own is entered by others; smaller ones are worth a second copy.</summary>
    private const int MinEntered = 100;

    /// <summary>Inlined calls in inlined calls.</summary>
    private const int MaxDepth = 4;

    /// <summary>A jump farther than this is a tail call to another function.</summary>
    private const long MaxJump = 1 << 15;

    /// <summary>Callees of one indirect call.</summary>
    private const int MaxCallees = 12;

    /// <summary>Instructions that copies of callees may add to a region.</summary>
    private readonly int _maxCopied = maxInstructions / 2;

    private int _copied;

    /// <summary>Instructions of the region's own function.</summary>
    private int _own;

    /// <summary>Reads the region's own function from its first entry, then copies of what it calls.</summary>
    public Body Read(ulong entry, ulong[] furtherEntries)
    {
        var body = new Body(entry, null, 0);
        HashSet<ulong> kept = [];
        foreach (ulong pc in (ulong[])[entry, .. furtherEntries])
        {
            kept.Add(pc);
            body.Entries.Add(pc);
        }

        List<(ulong Pc, ulong[] Callees)> calls = [];
        body.IsWhole = Collect(body, maxInstructions, (pc, _, callees) =>
        {
            calls.Add((pc, callees));
            return false;
        });
        _own = body.Instructions.Count;
        foreach ((ulong pc, ulong[] callees) in calls)
        {
            ulong returnTo = pc + body.Instructions[pc].Length;
            if (!TryInline(body, pc, callees, returnTo) || kept.Contains(returnTo) || code.EntersOften)
                continue;
            if (!body.Inlined[pc].Exists(callee => callee.MayLeave))
                body.Entries.Remove(returnTo);
        }

        foreach (ulong pc in furtherEntries)
        {
            if (body.Instructions.ContainsKey(pc))
                body.Leaders.Add(pc);
        }

        return body;
    }

    /// <summary>True when every callee that the call is known to have was copied.</summary>
    private bool TryInline(Body caller, ulong pc, ulong[] callees, ulong returnTo)
    {
        int copies = 0;
        foreach (ulong callee in callees)
            copies += TryInline(caller, pc, callee, returnTo) ? 1 : 0;
        return copies != 0 && copies == callees.Length;
    }

    private bool TryInline(Body caller, ulong pc, ulong target, ulong returnTo)
    {
        if (caller.Depth == MaxDepth || caller.IsWithin(target) || !code.RunsOften(target))
            return false;
        int copied = _copied;
        int room = Math.Max(LargeRegion - _own - _copied, MaxInlinedInLarge);
        int limit = Math.Min(Math.Min(MaxInlined, room), _maxCopied - _copied);
        var body = new Body(target, caller, returnTo);
        bool complete = Collect(
            body, limit, (at, i, callees) => TryInline(body, at, callees, at + i.Length));
        if (!complete || body.LeavesOften || !Returns(body) || (body.Instructions.Count > MaxInlinedLoop && Loops(body)))
        {
            _copied = copied;
            return false;
        }

        _copied += body.Instructions.Count;
        if (!caller.Inlined.TryGetValue(pc, out List<Body>? copies))
            caller.Inlined.Add(pc, copies = []);
        copies.Add(body);
        caller.MayLeave |= body.MayLeave;
        return true;
    }

    /// <summary>Link registers are x1 and x5 (unprivileged manual, JALR, return-address stack hints).</summary>
    public static bool IsLink(int register) => register is 1 or 5;

    /// <summary>Whether an instruction returns from a function.</summary>
    public static bool IsReturn(Instruction i) =>
        i.Row!.Flow == Flow.JumpRegister && i.Rd == 0 && i.Immediate == 0 && IsLink(i.Rs1);

    private static bool Loops(Body body)
    {
        foreach ((_, Instruction i) in body.Instructions)
        {
            if (i.Row!.Flow == Flow.Branch && i.Immediate < 0)
                return true;
        }

        return false;
    }

    /// <summary>Whether the rest of the function, from there on, is translated and well reached by leaving the region that is made.</summary>
    private bool IsEntered(Body body, ulong pc) => body.Caller is null && !body.Entries.Contains(pc)
        && code.RegionAt(pc) is { } region && region.OwnInstructions >= MinEntered && region.Entries[0] != body.Entry;

    private static bool Returns(Body body)
    {
        foreach ((_, Instruction i) in body.Instructions)
        {
            if (IsReturn(i))
                return true;
        }

        return false;
    }

    /// <summary>What an indirect call was seen to call, as far as telling it apart is cheap.</summary>
    private ulong[] CalleesOf(ulong pc)
    {
        ulong[] all = code.TargetsOf(pc);
        ulong[] seen = all.Length > MaxCallees ? all[..MaxCallees] : all;
        return RegionEmitter.TellsApart(seen) ? seen : seen[..RegionEmitter.MaxCompared];
    }

    /// <summary>False when the limit was reached first.</summary>
    private bool Collect(Body body, int limit, Func<ulong, Instruction, ulong[], bool> inline)
    {
        var work = new Queue<ulong>();
        Lead(body.Entry);
        while (work.TryDequeue(out ulong pc))
        {
            while (!body.Instructions.ContainsKey(pc) && (pc == body.Entry || code.WasReached(pc)) && !IsEntered(body, pc))
            {
                if (body.Instructions.Count >= limit)
                    return false;
                if (!code.TryRead(pc, out Instruction i) || i.Row is not { } row)
                    break;
                if (!row.CanTranslate(i))
                {
                    body.LeavesOften = true;
                    if (code.EntersOften)
                        Enter(pc + i.Length);
                    break;
                }

                body.Instructions.Add(pc, i);
                ulong next = pc + i.Length;
                if (row.EntersAfter(i))
                {
                    Enter(next);
                    body.Leaders.Add(next);
                    break;
                }

                if (row.Transfers)
                {
                    Follow(pc, i, next);
                    if (row.Flow != Flow.Branch)
                        break;
                }

                pc = next;
            }
        }

        return true;

        void Follow(ulong pc, in Instruction i, ulong next)
        {
            ulong target = pc + (ulong)i.Immediate;
            switch (i.Row!.Flow)
            {
                case Flow.Branch:
                    if (target <= pc && code.EntersOften)
                        Enter(target);
                    Lead(target);
                    Lead(next);
                    break;
                case Flow.Jump when i.Rd == 0:
                    if (i.Immediate is > -MaxJump and < MaxJump)
                        Lead(target);
                    break;
                case Flow.Jump:
                    FollowCall(pc, i, [target]);
                    break;
                case Flow.JumpRegister when IsLink(i.Rd):
                    ulong[] callees = CalleesOf(pc);
                    body.JumpTargets.Add(pc, callees);
                    FollowCall(pc, i, callees);
                    break;
                case Flow.JumpRegister when !IsReturn(i):
                    FollowIndirect(pc);
                    break;
            }
        }

        void FollowCall(ulong pc, in Instruction i, ulong[] callees)
        {
            if (inline(pc, i, callees))
                Lead(pc + i.Length);
            else
                Enter(pc + i.Length);
        }

        void FollowIndirect(ulong pc)
        {
            // A jump that always goes to one place is a linkage stub, and that place the function.
            ulong[] seen = code.TargetsOf(pc);
            ulong[] targets = seen.Length == 1 ? seen : Array.FindAll(seen, t => (long)(t - pc) is > -MaxJump and < MaxJump);
            if (targets.Length == 0)
                return;
            body.JumpTargets.Add(pc, targets);
            foreach (ulong target in targets)
                Lead(target);
        }

        // A call comes back: that is where control enters next.
        void Enter(ulong pc)
        {
            body.MayLeave = true;
            body.LeavesOften |= code.RunsOften(pc);
            if (body.Caller is not null)
                return;
            body.Entries.Add(pc);
            Lead(pc);
        }

        void Lead(ulong pc)
        {
            if (body.Leaders.Add(pc))
                work.Enqueue(pc);
        }
    }
}
