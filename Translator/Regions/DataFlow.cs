using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// Which registers a region must load when entered and write back when left. A register is dirty at an exit when some
/// path to it wrote the register; exits use what they write back, so liveness at the entries is what must be loaded.
/// </summary>
internal static class DataFlow
{
    public static void Solve(ControlFlow flow)
    {
        IReadOnlyList<Block> blocks = flow.Blocks;
        foreach (Block b in blocks)
        {
            foreach (Instruction i in b.Instructions)
            {
                b.Uses |= Reads(i) & ~b.Defs;
                b.Defs |= Writes(i);
            }
        }

        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (Block b in blocks)
            {
                ulong dirtyOut = b.DirtyIn | b.Defs;
                foreach (Block s in b.Successors)
                {
                    if ((dirtyOut & ~s.DirtyIn) == 0)
                        continue;
                    s.DirtyIn |= dirtyOut;
                    changed = true;
                }
            }
        }

        for (bool changed = true; changed;)
        {
            changed = false;
            for (int k = blocks.Count - 1; k >= 0; k--)
            {
                Block b = blocks[k];
                ulong live = 0;
                foreach (Block s in b.Successors)
                    live |= s.LiveIn;

                // Any block may leave in its middle, and then writes back what was dirty when it was entered.
                live = b.Uses | b.DirtyIn | (live & ~b.Defs);
                if (live == b.LiveIn)
                    continue;
                b.LiveIn = live;
                changed = true;
            }
        }
    }

    public static ulong Reads(in Instruction i)
    {
        Operands o = i.Row!.Operands;
        ulong set = 0;
        if ((o & Operands.ReadsX1) != 0)
            set |= X(i.Rs1);
        if ((o & Operands.ReadsX2) != 0)
            set |= X(i.Rs2);
        if ((o & Operands.ReadsXD) != 0)
            set |= X(i.Rd);
        if ((o & Operands.ReadsF1) != 0)
            set |= F(i.Rs1);
        if ((o & Operands.ReadsF2) != 0)
            set |= F(i.Rs2);
        if ((o & Operands.ReadsF3) != 0)
            set |= F(i.Rs3);
        return set;
    }

    public static ulong Writes(in Instruction i)
    {
        Operands o = i.Row!.Operands;
        return ((o & Operands.WritesX) != 0 ? X(i.Rd) : 0) | ((o & Operands.WritesF) != 0 ? F(i.Rd) : 0);
    }

    public static ulong F(int register) => 1UL << (32 + register);

    /// <summary>x0 is no register: it is read as a constant and never written.</summary>
    public static ulong X(int register) => register == 0 ? 0 : 1UL << register;
}
