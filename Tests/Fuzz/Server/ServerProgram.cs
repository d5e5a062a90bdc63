using RvJit.Fuzz.Guest;
using RvJit.Fuzz.Support;

namespace RvJit.Fuzz.Server;

/// <summary>
/// The program that qemu runs: reads case after case from standard input, executes it, and writes every stop of it to
/// standard output. A case is entered by loading all registers and jumping; it is left by the signal it ends with, whose
/// frame holds the registers. Linux numbers are those of riscv64 (asm-generic/unistd.h, asm/ucontext.h).
/// </summary>
internal sealed class ServerProgram
{
    /// <summary>What precedes the memory of a case: bytes of code, flags, x0 to x31, f0 to f31, fcsr.</summary>
    public const int RequestBytes = 16 + ((32 + 32 + 1) * 8);

    /// <summary>A stop: signal, address, whether the case goes on; pc, x1 to x31, f0 to f31, fcsr.</summary>
    public const int StopBytes = StopHeaderBytes + FrameBytes;

    private const int StopHeaderBytes = 24;

    /// <summary>Flag of a request: memory follows, and is answered at the end.</summary>
    public const ulong WithMemory = 1;

    private const int FrameBytes = (32 + 32 + 1) * 8;

    private const int FlagsOffset = 8, XOffset = 16, FOffset = XOffset + 256, FcsrOffset = FOffset + 256;
    private const int AnswerOffset = 0x400, Scratch = 0x500;
    private const long StackOffset = 0x1000, StackBytes = 0x8000;
    private const long FrameInContext = 176, AddressInInfo = 16;

    private const int Read = 63, Write = 64, WriteVector = 66, Exit = 94, SignalStack = 132, SignalAction = 134, SignalReturn = 139;
    private const int Map = 222, Protect = 226;
    private const int MapPrivateFixedAnonymous = 0x32;
    private const int SignalFlags = 0x4800_0004; // SA_NODEFER, SA_ONSTACK, SA_SIGINFO

    private const int Zero = 0, Ra = 1, Sp = 2, T0 = 5, T1 = 6, T2 = 7, S0 = 8, S1 = 9, A0 = 10, A1 = 11, A2 = 12, A3 = 13, A4 = 14, A5 = 15, A7 = 17, S2 = 18,
        T6 = 31;

    private readonly ItemList _code = new();
    private readonly int _entry;

    private ServerProgram() => _entry = _code.NewLabel();

    public static byte[] Assemble()
    {
        var program = new ServerProgram();
        program.Emit();
        return CodeLayout.Assemble(program._code.Items, Layout.Server, new() { [program._entry] = Layout.Code });
    }

    private void Emit()
    {
        int next = _code.NewLabel(), handler = _code.NewLabel(), readAll = _code.NewLabel();
        SetUp(handler);
        _code.Label(next);
        Receive(readAll);
        Enter();
        _code.Label(handler);
        Answer(next);
        ReadAll(readAll);
    }

    private void SetUp(int handler)
    {
        Constant(S0, Layout.ServerData);
        Constant(T1, Layout.ServerData + StackOffset);
        Store("sd", T1, S0, Scratch);
        Store("sd", Zero, S0, Scratch + 8);
        Constant(T1, StackBytes);
        Store("sd", T1, S0, Scratch + 16);
        Immediate("addi", A0, S0, Scratch);
        Constant(A1, 0);
        Call(SignalStack);

        _code.LoadAddress(0, T1, handler);
        Store("sd", T1, S0, Scratch);
        Constant(T1, SignalFlags);
        Store("sd", T1, S0, Scratch + 8);
        Store("sd", Zero, S0, Scratch + 16);
        foreach (int signal in Enum.GetValues<StopSignal>().Select(s => (int)s))
        {
            Constant(A0, (ulong)signal);
            Immediate("addi", A1, S0, Scratch);
            Constant(A2, 0);
            Constant(A3, 8);
            Call(SignalAction);
        }

        Top(A0);
        Constant(A1, Layout.TopBytes);
        Constant(A2, 3);
        Constant(A3, MapPrivateFixedAnonymous);
        _code.LoadConstant(0, A4, -1);
        Constant(A5, 0);
        Call(Map);
    }

    private void Receive(int readAll)
    {
        int enter = _code.NewLabel();
        Constant(S0, Layout.ServerData);
        Receive(Layout.ServerData, RequestBytes, readAll);
        Constant(A0, Layout.Code);
        Load("ld", A1, S0, 0);
        _code.Jump(0, Ra, readAll);
        Load("ld", T0, S0, FlagsOffset);
        _code.Branch(0, Encoder.Word("beq", rs1: T0), enter);
        Receive(Layout.Data, Layout.DataBytes, readAll);
        ProtectPool(3);
        Receive(Layout.Pool, Layout.PoolBytes, readAll);
        ProtectPool(1);
        Top(A0);
        Constant(A1, Layout.TopBytes);
        _code.Jump(0, Ra, readAll);
        _code.Label(enter);
    }

    private void Enter()
    {
        _code.Word(0, Encoder.Word("fence.i"));
        Immediate("addi", T0, S0, Scratch);
        _code.Word(0, Encoder.Word("sc.d", rd: 0, rs1: T0, rs2: 0)); // a reservation of the case before ends here
        Load("ld", T0, S0, FcsrOffset);
        _code.Word(0, Encoder.Word("csrrw", rs1: T0, csr: 3));
        Immediate("addi", T6, S0, 0);
        for (int r = 0; r < 32; r++)
            Load("fld", r, T6, FOffset + (8 * r));
        for (int r = 1; r < 32; r++)
            Load("ld", r, T6, XOffset + (8 * r));
        _code.Jump(0, Zero, _entry);
    }

    private void Answer(int next)
    {
        int plain = _code.NewLabel(), known = _code.NewLabel(), ends = _code.NewLabel(), noMemory = _code.NewLabel();
        Constant(S1, Layout.ServerData);
        Store("sd", A0, S1, AnswerOffset);
        Store("sd", Zero, S1, AnswerOffset + 8);
        Immediate("addi", S0, A2, FrameInContext);
        Constant(T0, (ulong)StopSignal.Bus);
        _code.Branch(0, Encoder.Word("blt", rs1: A0, rs2: T0), plain);
        Load("ld", T0, A1, AddressInInfo);
        Store("sd", T0, S1, AnswerOffset + 8);
        _code.Label(plain);

        Constant(S2, 0);
        Immediate("addi", T0, A0, -(long)StopSignal.Trap);
        _code.Branch(0, Encoder.Word("bne", rs1: T0), known);
        Load("ld", T0, S0, 0);
        Load("lhu", T1, T0, 0);
        Constant(T2, Layout.End);
        _code.Branch(0, Encoder.Word("beq", rs1: T1, rs2: T2), known);
        Constant(S2, 1);
        _code.Label(known);
        Store("sd", S2, S1, AnswerOffset + 16);

        Immediate("addi", T0, S1, AnswerOffset);
        Store("sd", T0, S1, Scratch);
        Constant(T0, StopHeaderBytes);
        Store("sd", T0, S1, Scratch + 8);
        Store("sd", S0, S1, Scratch + 16);
        Constant(T0, FrameBytes);
        Store("sd", T0, S1, Scratch + 24);
        Constant(A0, 1);
        Immediate("addi", A1, S1, Scratch);
        Constant(A2, 2);
        Call(WriteVector);

        _code.Branch(0, Encoder.Word("beq", rs1: S2), ends);
        Load("ld", T0, S0, 0);
        Immediate("addi", T0, T0, 4);
        Store("sd", T0, S0, 0);
        Call(SignalReturn);

        _code.Label(ends);
        Load("ld", T0, S1, FlagsOffset);
        _code.Branch(0, Encoder.Word("beq", rs1: T0), noMemory);
        Constant(A0, 1);
        Constant(A1, Layout.Data);
        Constant(A2, Layout.DataBytes);
        Call(Write);
        Constant(A0, 1);
        Top(A1);
        Constant(A2, Layout.TopBytes);
        Call(Write);
        _code.Label(noMemory);
        _code.Jump(0, Zero, next);
    }

    /// <summary>Reads a1 bytes to a0; at the end of the input the program ends.</summary>
    private void ReadAll(int label)
    {
        int again = _code.NewLabel(), done = _code.NewLabel(), go = _code.NewLabel();
        _code.Label(label);
        Immediate("addi", T1, A0, 0);
        Immediate("addi", T2, A1, 0);
        _code.Label(again);
        _code.Branch(0, Encoder.Word("beq", rs1: T2), done);
        Constant(A0, 0);
        Immediate("addi", A1, T1, 0);
        Immediate("addi", A2, T2, 0);
        Call(Read);
        _code.Branch(0, Encoder.Word("blt", rs1: Zero, rs2: A0), go);
        Constant(A0, 0);
        Call(Exit);
        _code.Label(go);
        _code.Word(0, Encoder.Word("add", rd: T1, rs1: T1, rs2: A0));
        _code.Word(0, Encoder.Word("sub", rd: T2, rs1: T2, rs2: A0));
        _code.Jump(0, Zero, again);
        _code.Label(done);
        _code.Word(0, Encoder.Word("jalr", rs1: Ra));
    }

    private void Receive(ulong address, int bytes, int readAll)
    {
        Constant(A0, address);
        Constant(A1, (ulong)bytes);
        _code.Jump(0, Ra, readAll);
    }

    private void ProtectPool(int protection)
    {
        Constant(A0, Layout.Pool);
        Constant(A1, Layout.PoolBytes);
        Constant(A2, (ulong)protection);
        Call(Protect);
    }

    private void Top(int register)
    {
        Immediate("addi", register, Zero, 1);
        _code.Word(0, Encoder.Word("slli", rd: register, rs1: register, imm: 38));
        Immediate("addi", register, register, -Layout.TopBytes / 2);
        Immediate("addi", register, register, -Layout.TopBytes / 2);
    }

    private void Constant(int register, ulong value) => _code.LoadConstant(0, register, (long)value);

    private void Immediate(string name, int rd, int rs1, long imm) => _code.Word(0, Encoder.Word(name, rd: rd, rs1: rs1, imm: imm));

    private void Load(string name, int rd, int rs1, long imm) => Immediate(name, rd, rs1, imm);

    private void Store(string name, int rs2, int rs1, long imm) => _code.Word(0, Encoder.Word(name, rs1: rs1, rs2: rs2, imm: imm));

    private void Call(int number)
    {
        Constant(A7, (ulong)number);
        _code.Word(0, Encoder.Word("ecall"));
    }
}
