using RvJit.Machine;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>RV64I, Zicsr, Zifencei, Zmmul and M, in the manual's order.</summary>
internal static class BaseTable
{
    public static Row[] I() =>
    [
        new LuiRow("lui", "imm[31:12] rd 0110111"),
        new AuipcRow("auipc", "imm[31:12] rd 0010111"),
        new JalRow("jal", "imm[20|10:1|11|19:12] rd 1101111"),
        new JalrRow("jalr", "imm[11:0] rs1 000 rd 1100111"),
        new BranchRow<Beq>("beq", "imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011"),
        new BranchRow<Bne>("bne", "imm[12|10:5] rs2 rs1 001 imm[4:1|11] 1100011"),
        new BranchRow<Blt>("blt", "imm[12|10:5] rs2 rs1 100 imm[4:1|11] 1100011"),
        new BranchRow<Bge>("bge", "imm[12|10:5] rs2 rs1 101 imm[4:1|11] 1100011"),
        new BranchRow<Bltu>("bltu", "imm[12|10:5] rs2 rs1 110 imm[4:1|11] 1100011"),
        new BranchRow<Bgeu>("bgeu", "imm[12|10:5] rs2 rs1 111 imm[4:1|11] 1100011"),
        new LoadRow<Lb>("lb", "imm[11:0] rs1 000 rd 0000011"),
        new LoadRow<Lh>("lh", "imm[11:0] rs1 001 rd 0000011"),
        new LoadRow<Lw>("lw", "imm[11:0] rs1 010 rd 0000011"),
        new LoadRow<Ld>("ld", "imm[11:0] rs1 011 rd 0000011"),
        new LoadRow<Lbu>("lbu", "imm[11:0] rs1 100 rd 0000011"),
        new LoadRow<Lhu>("lhu", "imm[11:0] rs1 101 rd 0000011"),
        new LoadRow<Lwu>("lwu", "imm[11:0] rs1 110 rd 0000011"),
        new StoreRow<Sb>("sb", "imm[11:5] rs2 rs1 000 imm[4:0] 0100011"),
        new StoreRow<Sh>("sh", "imm[11:5] rs2 rs1 001 imm[4:0] 0100011"),
        new StoreRow<Sw>("sw", "imm[11:5] rs2 rs1 010 imm[4:0] 0100011"),
        new StoreRow<Sd>("sd", "imm[11:5] rs2 rs1 011 imm[4:0] 0100011"),
        new RegImmRow<Add>("addi", "imm[11:0] rs1 000 rd 0010011"),
        new RegImmRow<Slt>("slti", "imm[11:0] rs1 010 rd 0010011"),
        new RegImmRow<Sltu>("sltiu", "imm[11:0] rs1 011 rd 0010011"),
        new RegImmRow<Xor>("xori", "imm[11:0] rs1 100 rd 0010011"),
        new RegImmRow<Or>("ori", "imm[11:0] rs1 110 rd 0010011"),
        new RegImmRow<And>("andi", "imm[11:0] rs1 111 rd 0010011"),
        new RegImmRow<Sll>("slli", "000000 shamt rs1 001 rd 0010011"),
        new RegImmRow<Srl>("srli", "000000 shamt rs1 101 rd 0010011"),
        new RegImmRow<Sra>("srai", "010000 shamt rs1 101 rd 0010011"),
        new RegRegRow<Add>("add", "0000000 rs2 rs1 000 rd 0110011"),
        new RegRegRow<Sub>("sub", "0100000 rs2 rs1 000 rd 0110011"),
        new RegRegRow<Sll>("sll", "0000000 rs2 rs1 001 rd 0110011"),
        new RegRegRow<Slt>("slt", "0000000 rs2 rs1 010 rd 0110011"),
        new RegRegRow<Sltu>("sltu", "0000000 rs2 rs1 011 rd 0110011"),
        new RegRegRow<Xor>("xor", "0000000 rs2 rs1 100 rd 0110011"),
        new RegRegRow<Srl>("srl", "0000000 rs2 rs1 101 rd 0110011"),
        new RegRegRow<Sra>("sra", "0100000 rs2 rs1 101 rd 0110011"),
        new RegRegRow<Or>("or", "0000000 rs2 rs1 110 rd 0110011"),
        new RegRegRow<And>("and", "0000000 rs2 rs1 111 rd 0110011"),
        new RegImmRow<Addw>("addiw", "imm[11:0] rs1 000 rd 0011011"),
        new RegImmRow<Sllw>("slliw", "0000000 shamt5 rs1 001 rd 0011011"),
        new RegImmRow<Srlw>("srliw", "0000000 shamt5 rs1 101 rd 0011011"),
        new RegImmRow<Sraw>("sraiw", "0100000 shamt5 rs1 101 rd 0011011"),
        new RegRegRow<Addw>("addw", "0000000 rs2 rs1 000 rd 0111011"),
        new RegRegRow<Subw>("subw", "0100000 rs2 rs1 000 rd 0111011"),
        new RegRegRow<Sllw>("sllw", "0000000 rs2 rs1 001 rd 0111011"),
        new RegRegRow<Srlw>("srlw", "0000000 rs2 rs1 101 rd 0111011"),
        new RegRegRow<Sraw>("sraw", "0100000 rs2 rs1 101 rd 0111011"),
        new FenceRow("fence", "fm pred succ rs1 000 rd 0001111"),
        new TrapRow("ecall", "000000000000 00000 000 00000 1110011", TrapCause.EnvironmentCallFromU),
        new TrapRow("ebreak", "000000000001 00000 000 00000 1110011", TrapCause.Breakpoint),
    ];

    public static Row[] Zifencei() => [new FenceInstructionRow("fence.i", "imm[11:0] rs1 001 rd 0001111")];

    public static Row[] Zicsr() =>
    [
        new CsrRow("csrrw", "csr rs1 001 rd 1110011", CsrOperation.Write, immediate: false),
        new CsrRow("csrrs", "csr rs1 010 rd 1110011", CsrOperation.Set, immediate: false),
        new CsrRow("csrrc", "csr rs1 011 rd 1110011", CsrOperation.Clear, immediate: false),
        new CsrRow("csrrwi", "csr uimm 101 rd 1110011", CsrOperation.Write, immediate: true),
        new CsrRow("csrrsi", "csr uimm 110 rd 1110011", CsrOperation.Set, immediate: true),
        new CsrRow("csrrci", "csr uimm 111 rd 1110011", CsrOperation.Clear, immediate: true),
    ];

    public static Row[] Zmmul() =>
    [
        new RegRegRow<Mul>("mul", "0000001 rs2 rs1 000 rd 0110011"),
        new RegRegRow<Mulh>("mulh", "0000001 rs2 rs1 001 rd 0110011"),
        new RegRegRow<Mulhsu>("mulhsu", "0000001 rs2 rs1 010 rd 0110011"),
        new RegRegRow<Mulhu>("mulhu", "0000001 rs2 rs1 011 rd 0110011"),
        new RegRegRow<Mulw>("mulw", "0000001 rs2 rs1 000 rd 0111011"),
    ];

    /// <summary>M without Zmmul.</summary>
    public static Row[] M() =>
    [
        new RegRegRow<Div>("div", "0000001 rs2 rs1 100 rd 0110011"),
        new RegRegRow<Divu>("divu", "0000001 rs2 rs1 101 rd 0110011"),
        new RegRegRow<Rem>("rem", "0000001 rs2 rs1 110 rd 0110011"),
        new RegRegRow<Remu>("remu", "0000001 rs2 rs1 111 rd 0110011"),
        new RegRegRow<Divw>("divw", "0000001 rs2 rs1 100 rd 0111011"),
        new RegRegRow<Divuw>("divuw", "0000001 rs2 rs1 101 rd 0111011"),
        new RegRegRow<Remw>("remw", "0000001 rs2 rs1 110 rd 0111011"),
        new RegRegRow<Remuw>("remuw", "0000001 rs2 rs1 111 rd 0111011"),
    ];
}
