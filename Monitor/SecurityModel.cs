namespace RvJit.Monitor;

/// <summary>
/// What unmodified Keystone (commit 88c49ee) leaves open, one bit each. An attack of docs/security.md names the weakness
/// that it needs.
/// </summary>
[Flags]
public enum Weakness : uint
{
    None = 0,

    /// <summary>RESUME accepts an enclave that has exited, and the eapp goes on behind its exit (sm/src/enclave.c, resume_enclave).</summary>
    ResumeAfterExit = 1 << 0,

    /// <summary>f0 to f31 and fcsr are not swapped between worlds (sm/src/thread.h, struct ctx).</summary>
    SharedFloatingPoint = 1 << 1,

    /// <summary>The PMP lets an enclave execute its shared buffer, and hosts may map it so (sm/src/enclave.c; linux-keystone-driver/keystone.c).</summary>
    ExecutableSharedBuffer = 1 << 2,

    /// <summary>DESTROY does not clear the shared buffer (sm/src/enclave.c, destroy_enclave).</summary>
    StaleSharedBuffer = 1 << 3,

    /// <summary>Freeing any shared buffer frees the last PMP register, which the operating system's memory needs (sm/src/pmp.c, pmp_region_free_atomic).</summary>
    SharedLastPmpRegister = 1 << 4,

    /// <summary>The part of a report that the data does not fill holds what the monitor's stack held (sm/src/enclave.c, attest_enclave).</summary>
    StaleReport = 1 << 5,

    /// <summary>GET_SEALING_KEY reads and writes whatever physical addresses it is given (sm/src/enclave.c, get_sealing_key).</summary>
    UncheckedSealingAddress = 1 << 6,

    /// <summary>The driver maps any physical page at an offset from the EPM (linux-keystone-driver/keystone.c, keystone_mmap).</summary>
    UncheckedMapOffset = 1 << 7,

    /// <summary>Whoever has the device open commands every enclave by its number (linux-keystone-driver/keystone-ioctl.c).</summary>
    UnownedEnclaves = 1 << 8,

    /// <summary>The CSRs of user-level interrupts and their delegation are not swapped (sm/src/thread.c).</summary>
    SharedUserInterrupts = 1 << 9,

    /// <summary>Results of forwarded system calls are believed: larger than asked for, or impossible (runtime/call/io_wrap.c).</summary>
    TrustedHostResults = 1 << 10,

    /// <summary>Lengths in the shared buffer are read again after they were checked, or not checked (runtime/call/net_wrap.c, io_wrap.c).</summary>
    TrustedHostLengths = 1 << 11,

    /// <summary>A trap that the runtime does not know makes it spin for ever (runtime/sys/interrupt.c).</summary>
    SpinningRuntime = 1 << 12,

    /// <summary>Host and enclave may both write the whole shared buffer, rings and their header included (sm/src/enclave.c: one PMP entry, everything granted).</summary>
    UndirectedRings = 1 << 13,

    All = (1 << 14) - 1,
}

/// <summary>Which weaknesses monitor, runtime and driver have: those of unmodified Keystone for research, or none.</summary>
/// <param name="Name">What <c>--model</c> calls it.</param>
/// <param name="Weaknesses">What it leaves open.</param>
public sealed record SecurityModel(string Name, Weakness Weaknesses)
{
    public static SecurityModel Hardened { get; } = new("hardened", Weakness.None);

    public static SecurityModel Stock { get; } = new("stock", Weakness.All);

    public bool Has(Weakness weakness) => (Weaknesses & weakness) != 0;
}
