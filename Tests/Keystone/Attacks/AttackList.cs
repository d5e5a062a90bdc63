using RvJit.Monitor;
using RvJit.Translator;

namespace RvJit.Tests.Keystone.Attacks;

/// <summary>Every attack that succeeds against unmodified Keystone: an entry here is a test and a row of docs/security.md.</summary>
public static class AttackList
{
    private const string UserInterrupts = "Tests/Keystone/Attacks/UserInterruptAttacks.cs";
    private const int Breach = 1;
    private const int KilledBySegmentationFault = 128 + 11;

    public static IReadOnlyList<Attack> All { get; } =
    [
        Host("A08a", "The host's rounding mode changes what an enclave computes", Weakness.SharedFloatingPoint,
            "fcsr belongs to the world", "rounding-mode"),
        Host("A08b", "The host reads an enclave's floating-point registers after an OCALL", Weakness.SharedFloatingPoint,
            "f0 to f31 belong to the world", "float-registers"),
        Host("A22a", "A process destroys another's enclave by its number", Weakness.UnownedEnclaves,
            "an enclave obeys the open file that made it", "foreign-enclave"),
        Host("A22b", "A page of another enclave's shared buffer is mapped at an offset from one's own enclave", Weakness.UncheckedMapOffset,
            "offsets end with the EPM", "map-offset"),
        Host("A23", "The host runs code that an enclave wrote into the shared buffer", Weakness.ExecutableSharedBuffer,
            "PMP and mappings grant the buffer no execution", "executable-shared-buffer"),
        Host("A24", "The shared buffer is read after DESTROY", Weakness.StaleSharedBuffer,
            "DESTROY clears EPM and UTM", "stale-shared-buffer"),
        Host("A25", "Create and destroy in an order that takes the operating system's PMP register (availability)", Weakness.SharedLastPmpRegister,
            "the last register is never handed out", "last-pmp-register"),
        Host("A27", "RESUME of an enclave that has exited: the eapp goes on behind its exit", Weakness.ResumeAfterExit,
            "RESUME answers 100010", "resume-after-exit"),
        Host("A28", "Another enclave's data in the unsigned tail of a report", Weakness.StaleReport,
            "the tail is zero, and `rvjit attest verify` looks", "stale-report"),
        Supervisor("A23b", "An enclave's supervisor runs code that the host wrote into the shared buffer", Weakness.ExecutableSharedBuffer,
            "the UTM's PMP entry grants RW", "jump-into-shared-buffer"),
        Supervisor("A29", "GET_SEALING_KEY with the physical address of another enclave overwrites that", Weakness.UncheckedSealingAddress,
            "key and name must lie in the caller's EPM", "seal-elsewhere"),
        new("A19", "An enclave sends user interrupts by its host's table, to threads that never registered for it", Weakness.SharedUserInterrupts,
            "the table of senders belongs to the world", UserInterrupts, UserInterruptAttacks.Spoof),
        new("A20", "The host delegates exceptions to U-mode before RUN, and the enclave's next one goes where the host says", Weakness.SharedUserInterrupts,
            "delegation and user-level CSRs belong to the world", UserInterrupts, UserInterruptAttacks.Hijack),
        new("A21", "The host reads the user-level CSRs that an enclave left", Weakness.SharedUserInterrupts,
            "delegation and user-level CSRs belong to the world", UserInterrupts, UserInterruptAttacks.ReadRegisters),
        new("A01", "A host's write(2) has written more than it was given", Weakness.TrustedHostResults,
            "each result is checked against its call", "Tests/Keystone/Attacks/RuntimeAttacks.cs", RuntimeAttacks.WriteMoreThanThereIs),
        new("A01b", "A host opens a file under the number of an open descriptor", Weakness.TrustedHostResults,
            "the runtime knows what is open", "Tests/Keystone/Attacks/RuntimeAttacks.cs", RuntimeAttacks.OpenWhatIsOpen),
        new("A02", "A peer's name longer than the eapp's buffer overwrites what lies behind", Weakness.TrustedHostLengths,
            "no more is copied than the eapp has room for", "Tests/Keystone/Attacks/RuntimeAttacks.cs", RuntimeAttacks.LongerName),
        new("A03", "The host changes a size in the shared buffer between check and use", Weakness.TrustedHostLengths,
            "lengths stay in private memory", "Tests/Keystone/Attacks/RuntimeAttacks.cs", RuntimeAttacks.LargerSize),
    ];

    /// <summary>An attack of Guest/Programs/keystone/host_breach.c.</summary>
    private static Attack Host(string id, string title, Weakness weakness, string defence, string name) => Guest(
        id, title, weakness, defence, "host-breach", [name, "eapp-victim", "runtime.elf", "loader.bin"]);

    /// <summary>The same with an enclave whose loader is hostile (hostile_loader.S) and really runs.</summary>
    private static Attack Supervisor(string id, string title, Weakness weakness, string defence, string name) => Guest(
        id, title, weakness, defence, "host-breach", [name, "eapp-victim", "runtime.elf", "hostile-loader.bin"], guestRuntime: true);

    /// <summary>
    /// A prebuilt host program that ends with 1 when it has got through and with 0 when not. One that the host's kernel had
    /// to kill has lost its memory, which is a breach too.
    /// </summary>
    private static Attack Guest(
        string id, string title, Weakness weakness, string defence, string program, string[] arguments, bool guestRuntime = false) => new(
        id, title, weakness, defence, $"{program} {arguments[0]}", (tier, model) =>
        {
            KeystoneResult result = KeystoneProgram.Prebuilt(
                program, arguments, tier, guestRuntime: guestRuntime, monitor: new SecurityMonitorOptions { Model = model }).Run();
            return result.Status.ShellCode switch
            {
                0 => AttackOutcome.Stopped,
                Breach or KilledBySegmentationFault => AttackOutcome.Breached,
                var other => throw new InvalidOperationException($"{program} ended with {other}:\n{result.Output}{result.Console}"),
            };
        });
}
