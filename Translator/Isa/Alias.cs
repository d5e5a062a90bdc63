namespace RvJit.Translator.Isa;

/// <summary>
/// A friendlier name that assemblers have for some instances of a row (unprivileged manual, "Pseudoinstructions").
/// </summary>
/// <param name="Row">Name of the base instruction's row.</param>
/// <param name="Name">What a reader expects instead.</param>
/// <param name="Syntax">Its operands, as in <see cref="Disassembler"/>.</param>
/// <param name="When">Which instances.</param>
public sealed record Alias(string Row, string Name, string Syntax, Predicate<Instruction> When)
{
    private static readonly ILookup<string, Alias> s_byRow = Listing().ToLookup(a => a.Row);

    public static IEnumerable<Alias> All => s_byRow.SelectMany(g => g);

    /// <summary>The first alias that fits, or null.</summary>
    public static Alias? Of(in Instruction i)
    {
        if (i.Row is null)
            return null;
        foreach (Alias alias in s_byRow[i.Row.Name])
        {
            if (alias.When(i))
                return alias;
        }

        return null;
    }

    private static Alias[] Listing() =>
    [
        new("addi", "nop", "", i => i.Rd == 0 && i.Rs1 == 0 && i.Immediate == 0),
        new("addi", "li", "rd,imm", i => i.Rs1 == 0),
        new("addi", "mv", "rd,rs1", i => i.Immediate == 0),
        new("addiw", "sext.w", "rd,rs1", i => i.Immediate == 0),
        new("xori", "not", "rd,rs1", i => i.Immediate == -1),
        new("andi", "zext.b", "rd,rs1", i => i.Immediate == 255),
        new("sltiu", "seqz", "rd,rs1", i => i.Immediate == 1),
        new("add", "mv", "rd,rs2", i => i.Rs1 == 0 && i.Length == 2),
        new("sub", "neg", "rd,rs2", i => i.Rs1 == 0),
        new("add.uw", "zext.w", "rd,rs1", i => i.Rs2 == 0),
        new("subw", "negw", "rd,rs2", i => i.Rs1 == 0),
        new("sltu", "snez", "rd,rs2", i => i.Rs1 == 0),
        new("slt", "sltz", "rd,rs1", i => i.Rs2 == 0),
        new("slt", "sgtz", "rd,rs2", i => i.Rs1 == 0),

        new("beq", "beqz", "rs1,target", i => i.Rs2 == 0),
        new("bne", "bnez", "rs1,target", i => i.Rs2 == 0),
        new("bge", "blez", "rs2,target", i => i.Rs1 == 0),
        new("bge", "bgez", "rs1,target", i => i.Rs2 == 0),
        new("blt", "bltz", "rs1,target", i => i.Rs2 == 0),
        new("blt", "bgtz", "rs2,target", i => i.Rs1 == 0),
        new("jal", "j", "target", i => i.Rd == 0),
        new("jal", "jal", "target", i => i.Rd == 1),
        new("jalr", "ret", "", i => i.Rd == 0 && i.Rs1 == 1 && i.Immediate == 0),
        new("jalr", "jr", "rs1", i => i.Rd == 0 && i.Immediate == 0),
        new("jalr", "jr", "imm(rs1)", i => i.Rd == 0),
        new("jalr", "jalr", "rs1", i => i.Rd == 1 && i.Immediate == 0),
        new("jalr", "jalr", "imm(rs1)", i => i.Rd == 1),
        new("fence", "fence", "", i => (i.Immediate & 0xFF) == 0xFF),
        new("sfence.vma", "sfence.vma", "", i => i.Rs1 == 0 && i.Rs2 == 0),
        new("sfence.vma", "sfence.vma", "rs1", i => i.Rs2 == 0),

        new("csrrs", "frflags", "rd", i => i.Csr == Machine.Csr.Fflags && i.Rs1 == 0),
        new("csrrs", "frrm", "rd", i => i.Csr == Machine.Csr.Frm && i.Rs1 == 0),
        new("csrrs", "frcsr", "rd", i => i.Csr == Machine.Csr.Fcsr && i.Rs1 == 0),
        new("csrrs", "rdcycle", "rd", i => i.Csr == Machine.Csr.Cycle && i.Rs1 == 0),
        new("csrrs", "rdtime", "rd", i => i.Csr == Machine.Csr.Time && i.Rs1 == 0),
        new("csrrs", "rdinstret", "rd", i => i.Csr == Machine.Csr.Instret && i.Rs1 == 0),
        new("csrrs", "csrr", "rd,csr", i => i.Rs1 == 0),
        new("csrrs", "csrs", "csr,rs1", i => i.Rd == 0),
        new("csrrw", "unimp", "", i => i.Csr == Machine.Csr.Cycle && i.Rd == 0 && i.Rs1 == 0),
        new("csrrw", "fsflags", "rs1", i => i.Csr == Machine.Csr.Fflags && i.Rd == 0),
        new("csrrw", "fsflags", "rd,rs1", i => i.Csr == Machine.Csr.Fflags),
        new("csrrw", "fsrm", "rs1", i => i.Csr == Machine.Csr.Frm && i.Rd == 0),
        new("csrrw", "fsrm", "rd,rs1", i => i.Csr == Machine.Csr.Frm),
        new("csrrw", "fscsr", "rs1", i => i.Csr == Machine.Csr.Fcsr && i.Rd == 0),
        new("csrrw", "fscsr", "rd,rs1", i => i.Csr == Machine.Csr.Fcsr),
        new("csrrw", "csrw", "csr,rs1", i => i.Rd == 0),
        new("csrrc", "csrc", "csr,rs1", i => i.Rd == 0),
        new("csrrwi", "fsflagsi", "uimm", i => i.Csr == Machine.Csr.Fflags && i.Rd == 0),
        new("csrrwi", "fsflagsi", "rd,uimm", i => i.Csr == Machine.Csr.Fflags),
        new("csrrwi", "fsrmi", "uimm", i => i.Csr == Machine.Csr.Frm && i.Rd == 0),
        new("csrrwi", "fsrmi", "rd,uimm", i => i.Csr == Machine.Csr.Frm),
        new("csrrwi", "csrwi", "csr,uimm", i => i.Rd == 0),
        new("csrrsi", "csrsi", "csr,uimm", i => i.Rd == 0),
        new("csrrci", "csrci", "csr,uimm", i => i.Rd == 0),

        new("fsgnj.h", "fmv.h", "frd,frs1", i => i.Rs1 == i.Rs2),
        new("fsgnjn.h", "fneg.h", "frd,frs1", i => i.Rs1 == i.Rs2),
        new("fsgnjx.h", "fabs.h", "frd,frs1", i => i.Rs1 == i.Rs2),
        new("fsgnj.s", "fmv.s", "frd,frs1", i => i.Rs1 == i.Rs2),
        new("fsgnjn.s", "fneg.s", "frd,frs1", i => i.Rs1 == i.Rs2),
        new("fsgnjx.s", "fabs.s", "frd,frs1", i => i.Rs1 == i.Rs2),
        new("fsgnj.d", "fmv.d", "frd,frs1", i => i.Rs1 == i.Rs2),
        new("fsgnjn.d", "fneg.d", "frd,frs1", i => i.Rs1 == i.Rs2),
        new("fsgnjx.d", "fabs.d", "frd,frs1", i => i.Rs1 == i.Rs2),
    ];
}
