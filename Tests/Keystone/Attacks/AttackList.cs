using RvJit.Monitor;
using RvJit.Translator;

namespace RvJit.Tests.Keystone.Attacks;

/// <summary>Every attack that succeeds against unmodified Keystone: an entry here is a test and a row of docs/security.md.</summary>
public static class AttackList
{
    private const string UserInterrupts = "Tests/Keystone/Attacks/UserInterruptAttacks.cs";
    private const string Victim = "eapp-victim";

    private static readonly AttackBatch _hosts = new("host-breach", static _ => [Victim, "runtime.elf", "loader.bin"]);

    /// <summary>Counts on upstream's eight registers.</summary>
    private static readonly AttackBatch _pmpHosts = new("host-breach", static _ => [Victim, "runtime.elf", "loader.bin"]) { PmpEntries = 8 };

    /// <summary>An enclave whose loader is hostile (hostile_loader.S) and really runs.</summary>
    private static readonly AttackBatch _supervisors = new("host-breach", static _ => [Victim, "runtime.elf", "hostile-loader.bin"]) { GuestRuntime = true };

    /// <summary>A runtime that is guest code; one that checks no more than upstream's for stock.</summary>
    private static readonly AttackBatch _runtimes = new("host-breach", static model =>
        [Victim, model == SecurityModel.Stock ? "runtime-unchecked.elf" : "runtime.elf", "loader.bin"])
    {
        GuestRuntime = true,
    };

    /// <summary>A side of the rings that checks nothing, or states no policy, for stock.</summary>
    private static readonly AttackBatch _rings = new("aec-breach", static model => [model == SecurityModel.Stock ? "naive" : "guarded"]);

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
            "the last register is never handed out", "last-pmp-register", _pmpHosts),
        Host("A27", "RESUME of an enclave that has exited: the eapp goes on behind its exit", Weakness.ResumeAfterExit,
            "RESUME answers 100010", "resume-after-exit"),
        Host("A28", "Another enclave's data in the unsigned tail of a report", Weakness.StaleReport,
            "the tail is zero, and `rvjit attest verify` looks", "stale-report"),
        Host("A23b", "An enclave's supervisor runs code that the host wrote into the shared buffer", Weakness.ExecutableSharedBuffer,
            "the UTM's PMP entry grants RW", "jump-into-shared-buffer", _supervisors),
        Host("A29", "GET_SEALING_KEY with the physical address of another enclave overwrites that", Weakness.UncheckedSealingAddress,
            "key and name must lie in the caller's EPM", "seal-elsewhere", _supervisors),
        new("A19", "An enclave sends user interrupts by its host's table, to threads that never registered for it", Of(Weakness.SharedUserInterrupts),
            "the table of senders belongs to the world", UserInterrupts, UserInterruptAttacks.Spoof),
        new("A20", "The host delegates exceptions to U-mode before RUN, and the enclave's next one goes where the host says", Of(Weakness.SharedUserInterrupts),
            "delegation and user-level CSRs belong to the world", UserInterrupts, UserInterruptAttacks.Hijack),
        new("A21", "The host reads the user-level CSRs that an enclave left", Of(Weakness.SharedUserInterrupts),
            "delegation and user-level CSRs belong to the world", UserInterrupts, UserInterruptAttacks.ReadRegisters),
        new("A01", "A host's write(2) has written more than it was given", Of(Weakness.TrustedHostResults),
            "each result is checked against its call", "Tests/Keystone/Attacks/RuntimeAttacks.cs", RuntimeAttacks.WriteMoreThanThereIs),
        new("A01b", "A host opens a file under the number of an open descriptor", Of(Weakness.TrustedHostResults),
            "the runtime knows what is open", "Tests/Keystone/Attacks/RuntimeAttacks.cs", RuntimeAttacks.OpenWhatIsOpen),
        new("A02", "A peer's name longer than the eapp's buffer overwrites what lies behind", Of(Weakness.TrustedHostLengths),
            "no more is copied than the eapp has room for", "Tests/Keystone/Attacks/RuntimeAttacks.cs", RuntimeAttacks.LongerName),
        new("A03", "The host changes a size in the shared buffer between check and use", Of(Weakness.TrustedHostLengths),
            "lengths stay in private memory", "Tests/Keystone/Attacks/RuntimeAttacks.cs", RuntimeAttacks.LargerSize),
        new("A10", "A user interrupt in the middle of an edge call, at each instruction: its handler writes over what the call keeps (SmashEx)",
            "the handler begins at the top of the edge call's stack", "uscratch holds a stack of the handler's own; hardware clears UIE", UserInterrupts,
            UserInterruptAttacks.Smash),
        Host("A22c", "A process tears down the rings of another's enclave", Weakness.UnownedEnclaves,
            "an enclave obeys the open file that made it", "foreign-region"),
        Host("A24b", "What an enclave left in its half of the rings is read after DESTROY", Weakness.StaleSharedBuffer,
            "DESTROY clears both halves of the UTM", "stale-region"),
        Host("A23c", "The host writes an enclave's half of the rings, and speaks in its name", Weakness.UndirectedRings,
            "PMP: each half has one writer, the header none but the monitor", "write-rings"),
        Host("A23d", "The host runs code that an enclave left in its half of the rings", Weakness.ExecutableSharedBuffer,
            "PMP and mappings grant the buffer no execution", "run-rings"),
        new("A09", "An eapp sends its runtime's memory to the host, by an OCALL whose source lies there", "sources are not checked",
            "what is sent is the eapp's own", "host-breach send-runtime", _runtimes.Add("send-runtime")),
        Rings("A03b", "A size in a message grows after it was checked", "arguments are used where they lie",
            "one copy into private memory, then checks", "double-fetch"),
        Rings("A04", "Two calls at once into a function that is made for one (COIN: concurrent)", "no policy",
            "`AEC_FN_SERIAL`: the second is E_NEST", "concurrent"),
        Rings("A05", "A session is read before it is opened, and after it was closed (COIN: order)", "no policy",
            "`requires`, `provides`, `revokes`: E_PERM", "order"),
        Rings("A06", "The offset of an argument leads into the enclave's private memory (COIN: input)", "offsets are used as they are",
            "offset and length lie in the caller's zone: E_INVAL", "input"),
        Rings("A07", "The host calls again from inside an OCALL, between check and payment (COIN: nested)", "`AEC_FN_NEST_OK` on each row",
            "nothing is served inside a call unless its row says so; two deep at most", "nested"),
        Rings("A09b", "Call number N of a table of N functions", "Keystone's bound, one too high",
            "below N: E_NOFUNC", "call-number"),
        Rings("A12", "A thread is stopped between freeing and forgetting; what it had is another's by then (AsyncShock)", "references are offsets",
            "handles with generations: E_STALE", "use-after-free"),
        Rings("A14", "Two functions on the same data at once: a payment is lost (controlled data race)", "no policy",
            "rows that revoke one bit exclude each other: E_PERM", "data-race"),
        Rings("A18", "The answer to an earlier call is posted again", "completions are matched by slot",
            "a cookie with a generation: counted and dropped", "replay"),
        Rings("A03c", "As A03b, a race: another thread changes sizes all the time", "arguments are used where they lie",
            "one copy into private memory, then checks", "double-fetch-race"),
        Rings("A04b", "As A04, a race: two threads call over and over", "no policy", "`AEC_FN_SERIAL`: the second is E_NEST", "concurrent-race"),
        Rings("A12b", "As A12, a race of three threads that free, allocate and use", "references are offsets",
            "handles with generations: E_STALE", "use-after-free-race"),
        Rings("A14b", "As A14, a race: one thread deposits and one pays, over and over", "no policy",
            "rows that revoke one bit exclude each other: E_PERM", "payments-race"),
    ];

    private static string Of(Weakness weakness) => $"`{weakness}`";

    /// <summary>An attack of Guest/Programs/keystone/host_breach.c.</summary>
    private static Attack Host(string id, string title, Weakness weakness, string defence, string name, AttackBatch? batch = null) =>
        new(id, title, Of(weakness), defence, $"host-breach {name}", (batch ?? _hosts).Add(name));

    /// <summary>An attack of Guest/Programs/edgecalls/breach.c.</summary>
    private static Attack Rings(string id, string title, string weakness, string defence, string name) =>
        new(id, title, weakness, defence, $"aec-breach {name}", _rings.Add(name));
}
