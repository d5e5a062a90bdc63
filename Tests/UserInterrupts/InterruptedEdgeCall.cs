using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.UserInterrupts;

/// <summary>
/// An edge call that switches stacks, reserves, masks interrupts and computes in floating point, and a user interrupt after
/// as many of its instructions as wanted.
/// </summary>
internal sealed unsafe class InterruptedEdgeCall : IDisposable
{
    private const ulong Code = GuestHarness.CodeAddress;
    private const ulong Handler = Code + 0x1000;
    private const ulong Stack = GuestHarness.DataAddress + 0x800;
    private const ulong OtherStack = GuestHarness.DataAddress + 0x1000;
    private const ulong HandlerStack = GuestHarness.DataAddress + 0x1800;
    private const ulong Cell = GuestHarness.DataAddress + 0x40;
    private const ulong Count = GuestHarness.DataAddress + 0x3000;
    private const int Sp = 2;
    private const int T0 = 5;
    private const int T1 = 6;
    private const int A0 = 10;
    private const int A1 = 11;
    private const int A2 = 12;
    private const int A3 = 13;
    private const int CountRegister = 20;
    public const int Loops = 3;

    private readonly GuestHarness _guest;
    private readonly ulong _handlerStack;
    private readonly UserInterruptController _controller = new();
    private readonly UserInterruptReceiver _receiver;
    private readonly UserInterruptSenders _senders = new();

    /// <param name="tier">How the guest runs.</param>
    /// <param name="ownStack">Whether the handler has a stack that nobody else uses, or begins at the top of the edge call's.</param>
    public InterruptedEdgeCall(Tier tier, bool ownStack)
    {
        _handlerStack = ownStack ? HandlerStack : OtherStack;
        _guest = new GuestHarness(tier, options: new EngineOptions(CountInstructions: true) { Limited = true });
        _receiver = _controller.RegisterReceiver()!;
        _senders.Add(_receiver, 4);
        var port = new UserInterruptPort(_controller) { Receiver = _receiver };
        _guest.Hart.SwitchUserInterrupts(new UserTraps(port, ExtensionSet.Max) { DelegatedInterrupts = UserTraps.Software });
        _guest.Assemble(Handler,
            OfCsr("csrrw", Sp, Sp, Csr.Uscratch),
            Encoder.Word("addi", rd: Sp, rs1: Sp, imm: -16),
            Encoder.Word("sd", rs1: Sp, rs2: T0),
            Encoder.Word("uipi.read", rd: T0),
            Encoder.Word("sd", rs1: Sp, rs2: T1, imm: 8),
            Encoder.Word("ld", rd: T1, rs1: CountRegister),
            Encoder.Word("add", rd: T1, rs1: T1, rs2: T0),
            Encoder.Word("sd", rs1: CountRegister, rs2: T1),
            Encoder.Word("ld", rd: T1, rs1: Sp, imm: 8),
            Encoder.Word("ld", rd: T0, rs1: Sp),
            Encoder.Word("addi", rd: Sp, rs1: Sp, imm: 16),
            OfCsr("csrrw", Sp, Sp, Csr.Uscratch),
            Encoder.Word("uret"));
        _guest.Assemble(Code,
            Encoder.Word("addi", rd: A3, imm: Loops),
            Encoder.Word("addi", rd: Sp, rs1: Sp, imm: -32), // the edge call's entry: save, mask, switch
            Encoder.Word("sd", rs1: Sp, rs2: A0),
            Encoder.Word("sd", rs1: Sp, rs2: A1, imm: 8),
            Encoder.Word("csrrci", csr: Csr.Ustatus, uimm: 1),
            Encoder.Word("addi", rd: T0, rs1: Sp),
            Encoder.Word("addi", rd: Sp, rs1: A2),
            Encoder.Word("addi", rd: Sp, rs1: Sp, imm: -16),
            Encoder.Word("sd", rs1: Sp, rs2: T0),
            Encoder.Word("addi", rd: T0), // what is kept is kept there alone
            Encoder.Word("csrrsi", csr: Csr.Ustatus, uimm: 1),
            Encoder.Word("lr.d", rd: A0, rs1: 21), // an increment that an interrupt may break off
            Encoder.Word("addi", rd: A0, rs1: A0, imm: 1),
            Encoder.Word("sc.d", rd: A1, rs1: 21, rs2: A0),
            Encoder.Word("bne", rs1: A1, imm: -12),
            Encoder.Word("fdiv.d", rd: 1, rs1: 2, rs2: 3),
            Encoder.Word("csrrs", rd: A1, csr: Csr.Fflags),
            Encoder.Word("csrrci", csr: Csr.Ustatus, uimm: 1), // the exit
            Encoder.Word("ld", rd: Sp, rs1: Sp),
            Encoder.Word("csrrsi", csr: Csr.Ustatus, uimm: 1),
            Encoder.Word("ld", rd: A0, rs1: Sp),
            Encoder.Word("addi", rd: Sp, rs1: Sp, imm: 32),
            Encoder.Word("add", rd: A0, rs1: A0, rs2: A1),
            Encoder.Word("addi", rd: A3, rs1: A3, imm: -1),
            Encoder.Word("bne", rs1: A3, imm: -92));
    }

    public void Dispose() => _guest.Dispose();

    private static uint OfCsr(string name, int rd, int rs1, int csr) => Encoder.Word(name, rd: rd, rs1: rs1, csr: csr);

    /// <summary>Runs from a fresh state; after so many instructions the interrupt is sent. Null when the edge call does not come to its end.</summary>
    public Outcome? Run(ulong? injectAfter, out ulong instructions)
    {
        HartState* s = _guest.State;
        _guest.X.Clear();
        _guest.F.Clear();
        _guest.Fcsr = 0;
        _guest.World.TryWrite(Cell, 0UL);
        _guest.World.TryWrite(Count, 0UL);
        (_guest.X[Sp], _guest.X[A2], _guest.X[CountRegister], _guest.X[21]) = (Stack, OtherStack, Count, Cell);
        (_guest.F[2], _guest.F[3]) = (BitConverter.DoubleToUInt64Bits(1), BitConverter.DoubleToUInt64Bits(3));
        foreach ((int csr, ulong value) in new[]
        {
            (Csr.Utvec, Handler), (Csr.Uscratch, _handlerStack), (Csr.Uie, 1UL), (Csr.Ustatus, 1UL),
        })
            _guest.Hart.Csrs.TryWrite(_guest.Hart, csr, value);
        s->Retired = 0;
        s->RetiredLimit = injectAfter ?? ulong.MaxValue;
        Trap trap = _guest.Run(Code);
        if (injectAfter is not null)
        {
            if (trap.Cause != TrapCause.Requested || s->Retired != injectAfter)
                throw new InvalidOperationException($"stopped after {s->Retired} instructions, not {injectAfter}");
            _guest.Hart.TakeRequests();
            s->RetiredLimit = ulong.MaxValue;
            _controller.Send(_senders, 0, hartId: 1);
            trap = _guest.Engine.Run(_guest.Hart);
        }

        instructions = s->Retired;
        if (trap.Cause != TrapCause.Breakpoint)
            return null;
        _guest.World.TryRead(Cell, out ulong cell);
        _guest.World.TryRead(Count, out ulong handled);
        _guest.Hart.Csrs.TryRead(_guest.Hart, Csr.Uscratch, out ulong scratch);
        return new Outcome(_guest.Pc, _guest.X[A0], _guest.X[A1], _guest.X[A3], _guest.X[Sp], _guest.F[1], _guest.Fcsr, scratch, cell, handled);
    }

    /// <summary>All that the edge call computes, and what the handler counted.</summary>
    public readonly record struct Outcome(
        ulong Pc, ulong A0, ulong A1, ulong A3, ulong Sp, ulong F1, uint Fcsr, ulong Scratch, ulong Cell, ulong Handled);
}
