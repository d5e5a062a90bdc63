using System.Reflection;
using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Rows;

/// <summary>uipi.send: rs1 is an index into the hart's table of senders.</summary>
public sealed unsafe class SendUserInterruptRow(string name, string encoding) : Row(name, encoding, Operands.ReadsX1)
{
    private static readonly MethodInfo s_send = typeof(UserInterruptKernel).GetMethod(nameof(UserInterruptKernel.Send))!;

    public override string? Syntax => "rs1";

    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.SendUserInterrupt;

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        UserInterruptKernel.Send(hart.State, hart.State->X[i.Rs1]);
        hart.State->Pc += i.Length;
        trap = default;
        return true;
    }

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        e.PushState();
        e.PushX(i.Rs1);
        e.Call(s_send);
    }
}

/// <summary>uipi.read: rd is what was pending.</summary>
public sealed unsafe class ReadUserInterruptsRow(string name, string encoding) : Row(name, encoding, Operands.WritesX)
{
    private static readonly MethodInfo s_read = typeof(UserInterruptKernel).GetMethod(nameof(UserInterruptKernel.Read))!;

    public override string? Syntax => "rd";

    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.ReadUserInterrupts;

    public override bool HandlesX0 => true;

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        ulong pending = UserInterruptKernel.Read(hart.State);
        if (i.Rd != 0)
            hart.State->X[i.Rd] = pending;
        hart.State->Pc += i.Length;
        trap = default;
        return true;
    }

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        e.PushState();
        e.Call(s_read);
        e.StoreX(i.Rd);
    }
}

/// <summary>uipi.activate, uipi.deactivate.</summary>
public sealed unsafe class ActivateUserInterruptsRow(string name, string encoding, bool active) : LeavingRow(name, encoding, Operands.None)
{
    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        hart.UserInterruptPort?.SetActive(active);
        hart.State->Pc += i.Length;
        trap = default;
        return true;
    }
}

/// <summary>uipi.wait: rs1 is the value of <c>time</c> at which it ends in any case.</summary>
public sealed unsafe class WaitForUserInterruptRow(string name, string encoding) : LeavingRow(name, encoding, Operands.ReadsX1)
{
    public override string? Syntax => "rs1";

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        hart.UserInterruptPort?.Wait(hart.State->X[i.Rs1]);
        hart.State->Pc += i.Length;
        trap = default;
        return true;
    }
}
