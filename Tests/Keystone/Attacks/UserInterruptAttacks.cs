using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;
using RvJit.Tests.Monitor;
using RvJit.Tests.Support;
using RvJit.Tests.UserInterrupts;
using RvJit.Translator;

namespace RvJit.Tests.Keystone.Attacks;

/// <summary>Attacks by the registers of user-level traps, which unmodified Keystone does not know. Eapps run; the test is their host's kernel.</summary>
internal static unsafe class UserInterruptAttacks
{
    private const ulong Entry = 0x10000;
    private const int GadgetWords = 16;
    private const ulong Gadget = Entry + (4 * GadgetWords);
    private const int Stolen = 77;
    private const int A0 = 10;
    private const int A7 = 17;
    private const uint Illegal = 0xFFFF_FFFF;

    /// <summary>The host delegates exceptions to U-mode and says where they go: the enclave's next one jumps there.</summary>
    public static AttackOutcome Hijack(Tier tier, SecurityModel model)
    {
        UserTraps host = Traps(new UserInterruptController());
        host.DelegatedExceptions = 1UL << (int)TrapCause.IllegalInstruction;
        using var run = new EnclaveRun(tier, model, host, [Illegal]);
        Write(run.Hart, Csr.Utvec, Gadget);
        return run.Execute() == Stolen ? AttackOutcome.Breached : AttackOutcome.Stopped;
    }

    /// <summary>The host reads the user-level registers that an enclave left.</summary>
    public static AttackOutcome ReadRegisters(Tier tier, SecurityModel model)
    {
        using var run = new EnclaveRun(tier, model, Traps(new UserInterruptController()),
            [Encoder.Word("addi", rd: A0, imm: Stolen), Encoder.Word("csrrw", rs1: A0, csr: Csr.Uscratch), .. Exit(0)]);
        run.Execute();
        if (!run.Hart.Csrs.TryRead(run.Hart, Csr.Uscratch, out ulong left))
            throw new InvalidOperationException("the host has lost its registers");
        return left == Stolen ? AttackOutcome.Breached : AttackOutcome.Stopped;
    }

    /// <summary>An enclave sends by an index of its host's table, to somebody who never registered for it.</summary>
    public static AttackOutcome Spoof(Tier tier, SecurityModel model)
    {
        var controller = new UserInterruptController();
        UserInterruptReceiver victim = controller.RegisterReceiver()!;
        var senders = new UserInterruptSenders();
        int index = senders.Add(victim, 5);
        UserTraps host = Traps(controller, senders);
        using var run = new EnclaveRun(tier, model, host, [Encoder.Word("addi", rd: A0, imm: index), Encoder.Word("uipi.send", rs1: A0), .. Exit(0)]);
        run.Execute();
        return victim.Pending != 0 ? AttackOutcome.Breached : AttackOutcome.Stopped;
    }

    /// <summary>
    /// SmashEx: an interrupt in the middle of an edge call, at each of its instructions. A handler without a stack of its own
    /// writes over what the call keeps.
    /// </summary>
    public static AttackOutcome Smash(Tier tier, SecurityModel model)
    {
        using var call = new InterruptedEdgeCall(tier, ownStack: model != SecurityModel.Stock);
        InterruptedEdgeCall.Outcome? without = call.Run(injectAfter: null, out ulong instructions);
        for (ulong boundary = 0; boundary < instructions; boundary++)
        {
            if (call.Run(boundary, out _) is not { } with || with with { Handled = 0 } != without)
                return AttackOutcome.Breached;
        }

        return AttackOutcome.Stopped;
    }

    private static UserTraps Traps(UserInterruptController controller, UserInterruptSenders? senders = null) =>
        new(new UserInterruptPort(controller) { Senders = senders }, ExtensionSet.Max) { DelegatedInterrupts = UserTraps.Software };

    private static void Write(Hart hart, int csr, ulong value)
    {
        if (!hart.Csrs.TryWrite(hart, csr, value))
            throw new InvalidOperationException($"no CSR 0x{csr:x}");
    }

    private static uint[] Exit(int value) =>
    [
        Encoder.Word("addi", rd: A0, imm: value), Encoder.Word("addi", rd: A7, imm: (int)RuntimeCall.Exit), Encoder.Word("ecall"),
    ];

    /// <summary>One enclave, whose eapp has a way to exit with 77 that it never takes, entered by a host with user-level traps.</summary>
    private sealed class EnclaveRun : ITrapHandler, IDisposable
    {
        private readonly Engine _engine;
        private readonly MonitorBoard _board;
        private readonly uint[] _eapp;

        public EnclaveRun(Tier tier, SecurityModel model, UserTraps host, uint[] eapp)
        {
            _eapp = [.. eapp, .. Enumerable.Repeat(Illegal, GadgetWords - eapp.Length), .. Exit(Stolen)];
            _engine = new Engine(new EngineOptions(tier));
            _board = new MonitorBoard(
                new SecurityMonitorOptions { Model = model },
                supervisors: new EnclaveRuntimeFactory(_engine, () => TextWriter.Null, new WorldOptions(TrappingFiller: true)));
            _board.HostWorld.TrapHandler = this;
            Hart.SwitchUserInterrupts(host);
        }

        public Hart Hart => _board.Hart;

        /// <summary>The value that the enclave exits with.</summary>
        public ulong Execute()
        {
            _board.Start(EnclaveImage.SmallEapp(_eapp));
            HartRunner.Run(Hart, _engine);
            return _board.Returned?.Value ?? throw new InvalidOperationException("the enclave did not return");
        }

        /// <summary>The host's world has nothing to run: the first trap there is the end.</summary>
        public TrapOutcome Handle(Hart hart, in Trap trap) => TrapOutcome.Exit;

        public void Dispose()
        {
            _board.Dispose();
            _engine.Dispose();
        }
    }
}
