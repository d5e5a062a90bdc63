using RvJit.Guest.Linux.Mapping;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Signals;

/// <summary>
/// What lies on the stack under a signal handler: struct rt_sigframe of arch/riscv/kernel/signal.c, a siginfo_t and a
/// ucontext_t (arch/riscv/include/uapi/asm/ucontext.h, sigcontext.h), to the byte. Handlers read and change it;
/// rt_sigreturn believes what it then says.
/// </summary>
internal static unsafe class SignalFrame
{
    public const int Size = ContextOffset + ContextSize;

    private const int ContextOffset = SigInfo.Size;

    // ucontext_t
    private const int StackOffset = 16;
    private const int MaskOffset = 40;
    private const int MachineOffset = 176;
    private const int ContextSize = MachineOffset + GeneralBytes + FloatBytes;

    // sigcontext: struct user_regs_struct (pc, then x1..x31), then union __riscv_fp_state sized for the Q extension.
    private const int GeneralBytes = 32 * 8;
    private const int FloatBytes = 528;
    private const int FcsrOffset = 32 * 8;

    /// <summary>Writes the frame and points the hart at the handler. False when the stack cannot hold it.</summary>
    public static bool TryPush(LinuxThread thread, in SigInfo info, in SigAction action, ulong mask)
    {
        HartState* s = thread.Hart.State;
        ThreadSignals signals = thread.Signals;
        AlternateStack alternate = signals.AlternateStack;
        ulong sp = s->X[2];
        bool onAlternate = alternate.Contains(sp);
        if ((action.Flags & SigAction.SaOnStack) != 0 && !onAlternate && (alternate.Flags & AlternateStack.Disable) == 0)
            sp = alternate.Base + alternate.Bytes;
        ulong at = (sp - Size) & ~15UL;
        if (onAlternate && !alternate.Contains(at))
            return false;

        byte* frame = stackalloc byte[Size];
        new Span<byte>(frame, Size).Clear();
        *(SigInfo*)frame = info;
        byte* context = frame + ContextOffset;
        *(ulong*)(context + StackOffset) = alternate.Base;
        *(int*)(context + StackOffset + 8) = alternate.Contains(s->X[2]) ? alternate.Flags | AlternateStack.OnStack : alternate.Flags;
        *(ulong*)(context + StackOffset + 16) = alternate.Bytes;
        *(ulong*)(context + MaskOffset) = mask;
        ulong* general = (ulong*)(context + MachineOffset);
        general[0] = s->Pc;
        for (int i = 1; i < 32; i++)
            general[i] = s->X[i];
        ulong* floats = general + 32;
        for (int i = 0; i < 32; i++)
            floats[i] = s->F[i];
        *(uint*)((byte*)floats + FcsrOffset) = FloatingPointControl.Read(*s);
        if (!thread.World.TryWrite(at, new ReadOnlySpan<byte>(frame, Size)))
            return false;

        if ((alternate.Flags & AlternateStack.AutoDisarm) != 0)
            signals.AlternateStack = AlternateStack.None;
        s->Pc = action.Handler;
        s->X[1] = UserLayout.SignalReturn;
        s->X[2] = at;
        s->X[10] = (ulong)info.Signal;
        s->X[11] = at;
        s->X[12] = at + ContextOffset;
        s->ReservationAddress = HartState.NoReservation;
        return true;
    }

    /// <summary>rt_sigreturn: everything goes back as the frame at sp says. False when there is no frame.</summary>
    public static bool TryPop(LinuxThread thread, out ulong mask)
    {
        HartState* s = thread.Hart.State;
        byte* frame = stackalloc byte[Size];
        mask = 0;
        if (!thread.World.TryRead(s->X[2], new Span<byte>(frame, Size)))
            return false;
        byte* context = frame + ContextOffset;
        mask = *(ulong*)(context + MaskOffset);
        ulong* general = (ulong*)(context + MachineOffset);
        s->Pc = general[0];
        for (int i = 1; i < 32; i++)
            s->X[i] = general[i];
        ulong* floats = general + 32;
        for (int i = 0; i < 32; i++)
            s->F[i] = floats[i];
        FloatingPointControl.Write(ref *s, *(uint*)((byte*)floats + FcsrOffset));
        s->ReservationAddress = HartState.NoReservation;

        int flags = *(int*)(context + StackOffset + 8) & ~AlternateStack.OnStack;
        var stack = new AlternateStack(*(ulong*)(context + StackOffset), flags, *(ulong*)(context + StackOffset + 16));
        bool disabled = (flags & AlternateStack.Disable) != 0;
        if (disabled || stack.Bytes >= AlternateStack.MinimumBytes)
            thread.Signals.AlternateStack = disabled ? AlternateStack.None : stack;
        return true;
    }
}
