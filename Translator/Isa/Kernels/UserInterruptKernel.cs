using RvJit.Machine;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>What uipi.send and uipi.read do inside code: one call each, no exit.</summary>
public static unsafe class UserInterruptKernel
{
    /// <summary>
    /// Compiles all that they call, which must not happen when translated code first gets there: the guest's floating-point
    /// flags may be live.
    /// </summary>
    static UserInterruptKernel()
    {
        using var hart = new Hart(0);
        var controller = new UserInterruptController();
        UserInterruptReceiver receiver = controller.RegisterReceiver()!;
        var senders = new UserInterruptSenders();
        hart.SwitchUserInterrupts(new UserInterruptPort(controller) { Receiver = receiver, Senders = senders });
        Send(hart.State, (ulong)senders.Add(receiver, 0));
        Send(hart.State, ulong.MaxValue);
        Read(hart.State);
        Read(hart.State);
    }

    public static void Send(HartState* state, ulong index) => Hart.Of(state).UserInterruptPort?.Send(index);

    public static ulong Read(HartState* state) => Hart.Of(state).UserInterruptPort?.Read() ?? 0;
}
