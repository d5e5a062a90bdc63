using RvJit.Machine;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>RV64I, Zicsr, Zifencei, Zmmul and M, in the manual's order.</summary>
internal static class BaseTable
{
    public static RowDefinition[] I() =>
    [
        new("lui", "imm[31:12] rd 0110111", (n, e) => new LuiRow(n, e)),
        new("auipc", "imm[31:12] rd 0010111", (n, e) => new AuipcRow(n, e)),
        new("jal", "imm[20|10:1|11|19:12] rd 1101111", (n, e) => new JalRow(n, e)),
        new("jalr", "imm[11:0] rs1 000 rd 1100111", (n, e) => new JalrRow(n, e)),
        new("beq", "imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011", (n, e) => new BranchRow<Beq>(n, e)),
        new("bne", "imm[12|10:5] rs2 rs1 001 imm[4:1|11] 1100011", (n, e) => new BranchRow<Bne>(n, e)),
        new("blt", "imm[12|10:5] rs2 rs1 100 imm[4:1|11] 1100011", (n, e) => new BranchRow<Blt>(n, e)),
        new("bge", "imm[12|10:5] rs2 rs1 101 imm[4:1|11] 1100011", (n, e) => new BranchRow<Bge>(n, e)),
        new("bltu", "imm[12|10:5] rs2 rs1 110 imm[4:1|11] 1100011", (n, e) => new BranchRow<Bltu>(n, e)),
        new("bgeu", "imm[12|10:5] rs2 rs1 111 imm[4:1|11] 1100011", (n, e) => new BranchRow<Bgeu>(n, e)),
        new("lb", "imm[11:0] rs1 000 rd 0000011", (n, e) => new LoadRow<Lb>(n, e)),
        new("lh", "imm[11:0] rs1 001 rd 0000011", (n, e) => new LoadRow<Lh>(n, e)),
        new("lw", "imm[11:0] rs1 010 rd 0000011", (n, e) => new LoadRow<Lw>(n, e)),
        new("ld", "imm[11:0] rs1 011 rd 0000011", (n, e) => new LoadRow<Ld>(n, e)),
        new("lbu", "imm[11:0] rs1 100 rd 0000011", (n, e) => new LoadRow<Lbu>(n, e)),
        new("lhu", "imm[11:0] rs1 101 rd 0000011", (n, e) => new LoadRow<Lhu>(n, e)),
        new("lwu", "imm[11:0] rs1 110 rd 0000011", (n, e) => new LoadRow<Lwu>(n, e)),
        new("sb", "imm[11:5] rs2 rs1 000 imm[4:0] 0100011", (n, e) => new StoreRow<Sb>(n, e)),
        new("sh", "imm[11:5] rs2 rs1 001 imm[4:0] 0100011", (n, e) => new StoreRow<Sh>(n, e)),
        new("sw", "imm[11:5] rs2 rs1 010 imm[4:0] 0100011", (n, e) => new StoreRow<Sw>(n, e)),
        new("sd", "imm[11:5] rs2 rs1 011 imm[4:0] 0100011", (n, e) => new StoreRow<Sd>(n, e)),
        new("addi", "imm[11:0] rs1 000 rd 0010011", (n, e) => new RegImmRow<Add>(n, e)),
        new("slti", "imm[11:0] rs1 010 rd 0010011", (n, e) => new RegImmRow<Slt>(n, e)),
        new("sltiu", "imm[11:0] rs1 011 rd 0010011", (n, e) => new RegImmRow<Sltu>(n, e)),
        new("xori", "imm[11:0] rs1 100 rd 0010011", (n, e) => new RegImmRow<Xor>(n, e)),
        new("ori", "imm[11:0] rs1 110 rd 0010011", (n, e) => new RegImmRow<Or>(n, e)),
        new("andi", "imm[11:0] rs1 111 rd 0010011", (n, e) => new RegImmRow<And>(n, e)),
        new("slli", "000000 shamt rs1 001 rd 0010011", (n, e) => new RegImmRow<Sll>(n, e)),
        new("srli", "000000 shamt rs1 101 rd 0010011", (n, e) => new RegImmRow<Srl>(n, e)),
        new("srai", "010000 shamt rs1 101 rd 0010011", (n, e) => new RegImmRow<Sra>(n, e)),
        new("add", "0000000 rs2 rs1 000 rd 0110011", (n, e) => new RegRegRow<Add>(n, e)),
        new("sub", "0100000 rs2 rs1 000 rd 0110011", (n, e) => new RegRegRow<Sub>(n, e)),
        new("sll", "0000000 rs2 rs1 001 rd 0110011", (n, e) => new RegRegRow<Sll>(n, e)),
        new("slt", "0000000 rs2 rs1 010 rd 0110011", (n, e) => new RegRegRow<Slt>(n, e)),
        new("sltu", "0000000 rs2 rs1 011 rd 0110011", (n, e) => new RegRegRow<Sltu>(n, e)),
        new("xor", "0000000 rs2 rs1 100 rd 0110011", (n, e) => new RegRegRow<Xor>(n, e)),
        new("srl", "0000000 rs2 rs1 101 rd 0110011", (n, e) => new RegRegRow<Srl>(n, e)),
        new("sra", "0100000 rs2 rs1 101 rd 0110011", (n, e) => new RegRegRow<Sra>(n, e)),
        new("or", "0000000 rs2 rs1 110 rd 0110011", (n, e) => new RegRegRow<Or>(n, e)),
        new("and", "0000000 rs2 rs1 111 rd 0110011", (n, e) => new RegRegRow<And>(n, e)),
        new("addiw", "imm[11:0] rs1 000 rd 0011011", (n, e) => new RegImmRow<Addw>(n, e)),
        new("slliw", "0000000 shamt5 rs1 001 rd 0011011", (n, e) => new RegImmRow<Sllw>(n, e)),
        new("srliw", "0000000 shamt5 rs1 101 rd 0011011", (n, e) => new RegImmRow<Srlw>(n, e)),
        new("sraiw", "0100000 shamt5 rs1 101 rd 0011011", (n, e) => new RegImmRow<Sraw>(n, e)),
        new("addw", "0000000 rs2 rs1 000 rd 0111011", (n, e) => new RegRegRow<Addw>(n, e)),
        new("subw", "0100000 rs2 rs1 000 rd 0111011", (n, e) => new RegRegRow<Subw>(n, e)),
        new("sllw", "0000000 rs2 rs1 001 rd 0111011", (n, e) => new RegRegRow<Sllw>(n, e)),
        new("srlw", "0000000 rs2 rs1 101 rd 0111011", (n, e) => new RegRegRow<Srlw>(n, e)),
        new("sraw", "0100000 rs2 rs1 101 rd 0111011", (n, e) => new RegRegRow<Sraw>(n, e)),
        new("fence", "fm pred succ rs1 000 rd 0001111", (n, e) => new FenceRow(n, e)),
        new("ecall", "000000000000 00000 000 00000 1110011", (n, e) => new TrapRow(n, e, TrapCause.EnvironmentCallFromU)),
        new("ebreak", "000000000001 00000 000 00000 1110011", (n, e) => new TrapRow(n, e, TrapCause.Breakpoint)),
    ];

    public static RowDefinition[] Zifencei() => [new("fence.i", "imm[11:0] rs1 001 rd 0001111", (n, e) => new FenceInstructionRow(n, e))];

    public static RowDefinition[] Zicsr() =>
    [
        new("csrrw", "csr rs1 001 rd 1110011", (n, e) => new CsrRow(n, e, CsrOperation.Write, immediate: false)),
        new("csrrs", "csr rs1 010 rd 1110011", (n, e) => new CsrRow(n, e, CsrOperation.Set, immediate: false)),
        new("csrrc", "csr rs1 011 rd 1110011", (n, e) => new CsrRow(n, e, CsrOperation.Clear, immediate: false)),
        new("csrrwi", "csr uimm 101 rd 1110011", (n, e) => new CsrRow(n, e, CsrOperation.Write, immediate: true)),
        new("csrrsi", "csr uimm 110 rd 1110011", (n, e) => new CsrRow(n, e, CsrOperation.Set, immediate: true)),
        new("csrrci", "csr uimm 111 rd 1110011", (n, e) => new CsrRow(n, e, CsrOperation.Clear, immediate: true)),
    ];

    public static RowDefinition[] Zmmul() =>
    [
        new("mul", "0000001 rs2 rs1 000 rd 0110011", (n, e) => new RegRegRow<Mul>(n, e)),
        new("mulh", "0000001 rs2 rs1 001 rd 0110011", (n, e) => new RegRegRow<Mulh>(n, e)),
        new("mulhsu", "0000001 rs2 rs1 010 rd 0110011", (n, e) => new RegRegRow<Mulhsu>(n, e)),
        new("mulhu", "0000001 rs2 rs1 011 rd 0110011", (n, e) => new RegRegRow<Mulhu>(n, e)),
        new("mulw", "0000001 rs2 rs1 000 rd 0111011", (n, e) => new RegRegRow<Mulw>(n, e)),
    ];

    /// <summary>M without Zmmul.</summary>
    public static RowDefinition[] M() =>
    [
        new("div", "0000001 rs2 rs1 100 rd 0110011", (n, e) => new RegRegRow<Div>(n, e)),
        new("divu", "0000001 rs2 rs1 101 rd 0110011", (n, e) => new RegRegRow<Divu>(n, e)),
        new("rem", "0000001 rs2 rs1 110 rd 0110011", (n, e) => new RegRegRow<Rem>(n, e)),
        new("remu", "0000001 rs2 rs1 111 rd 0110011", (n, e) => new RegRegRow<Remu>(n, e)),
        new("divw", "0000001 rs2 rs1 100 rd 0111011", (n, e) => new RegRegRow<Divw>(n, e)),
        new("divuw", "0000001 rs2 rs1 101 rd 0111011", (n, e) => new RegRegRow<Divuw>(n, e)),
        new("remw", "0000001 rs2 rs1 110 rd 0111011", (n, e) => new RegRegRow<Remw>(n, e)),
        new("remuw", "0000001 rs2 rs1 111 rd 0111011", (n, e) => new RegRegRow<Remuw>(n, e)),
    ];
}
