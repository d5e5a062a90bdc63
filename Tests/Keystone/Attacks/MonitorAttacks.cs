using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Attestation;
using RvJit.Tests.Monitor;
using RvJit.Translator;

namespace RvJit.Tests.Keystone.Attacks;

/// <summary>Attacks that an enclave's S-mode makes, asked of the monitor directly. No guest code runs, so the tier does not matter.</summary>
internal static class MonitorAttacks
{
    public static AttackOutcome FetchFromSharedBuffer(Tier tier, SecurityModel model)
    {
        using MonitorBoard board = Board(model);
        EnclaveCreateArguments layout = board.Start();
        return board.Hart.Pmp.Allows(layout.UtmAddress, sizeof(uint), Access.Execute) ? AttackOutcome.Breached : AttackOutcome.Stopped;
    }

    public static AttackOutcome SealIntoAnotherEnclave(Tier tier, SecurityModel model)
    {
        using MonitorBoard board = Board(model);
        EnclaveCreateArguments victim = board.LoadSmall();
        board.Monitor.Create(board.Hart, victim);
        EnclaveCreateArguments attacker = board.LoadSmall();
        board.Run(board.Monitor.Create(board.Hart, attacker).Value);
        byte[] before = Eapp(board, victim);
        board.Monitor.GetSealingKey(board.Hart, victim.UserAddress, attacker.EpmAddress, nameLength: 1);
        return Eapp(board, victim).AsSpan().SequenceEqual(before) ? AttackOutcome.Stopped : AttackOutcome.Breached;
    }

    private static byte[] Eapp(MonitorBoard board, EnclaveCreateArguments layout) =>
        board.Memory.Span(layout.UserAddress, SealingKey.Size).ToArray();

    private static MonitorBoard Board(SecurityModel model) => new(new SecurityMonitorOptions { Model = model });
}
