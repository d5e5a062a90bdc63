using System.Buffers.Binary;

namespace RvJit.Monitor;

/// <summary>
/// Numbers and layouts of the security monitor's interface, once and verbatim. Sources (keystone-enclave/keystone,
/// commit 88c49ee): sdk/include/shared/sm_call.h, sdk/include/shared/sm_err.h, sm/src/enclave.h,
/// sm/src/platform/generic/platform.h. All integers are little-endian, RV64.
/// </summary>
public static class KeystoneAbi
{
    /// <summary>SBI extension "BKE" in a7; the function id is in a6.</summary>
    public const ulong SbiExtension = 0x08424b45;

    public const ulong LastDeprecatedFunction = 1999;
    public const ulong LastHostFunction = 2999;
    public const ulong LastEnclaveFunction = 3999;

    public const int PageSize = 4096;

    /// <summary>Enclaves that can exist at once in upstream's monitor (ENCL_MAX).</summary>
    public const int MaximumEnclaves = 16;

    /// <summary>Threads that may be inside one enclave (MAX_ENCL_THREADS).</summary>
    public const int MaximumThreads = 1;

    /// <summary>PMP registers the generic platform's monitor uses (PMP_N_REG).</summary>
    public const int PmpRegisterCount = 8;

    /// <summary>PMP regions the monitor can describe with that many registers (PMP_MAX_N_REGION).</summary>
    public const int PmpRegionCount = 16;

    /// <summary>The monitor's own memory: the first 2 MiB of RAM (SMM_BASE, SMM_SIZE).</summary>
    public const ulong MonitorSize = 0x20_0000;
}

/// <summary>
/// Function ids in a6 (sdk/include/shared/sm_call.h); those of user interrupts and of edge calls are ours (docs/abi/edge-calls.md).
/// </summary>
public enum KeystoneFunction : ulong
{
    Create = 2001,
    Destroy = 2002,
    Run = 2003,
    Resume = 2005,
    EdgeCallSetup = 2010,
    RegisterHostReceiver = 2011,
    EdgeCallTearDown = 2012,
    EdgeCallWake = 2013,
    Random = 3001,
    Attest = 3002,
    GetSealingKey = 3003,
    Stop = 3004,
    Exit = 3006,
    EdgeCallAttach = 3010,
    RegisterEnclaveReceiver = 3011,
    EdgeCallSealTable = 3012,
    EdgeCallWait = 3013,
    SharedRegionCreate = 3014,
    SharedRegionGrant = 3015,
    SharedRegionTransfer = 3016,
    SharedRegionLock = 3017,
    SharedRegionSize = 3018,
    CallPlugin = 4000,
}

/// <summary>Why an enclave stops, a0 of <see cref="KeystoneFunction.Stop"/> (sdk/include/shared/sm_call.h).</summary>
public enum StopRequest : ulong
{
    TimerInterrupt = 0,
    EdgeCallHost = 1,
    ExitEnclave = 2,
}

/// <summary>Errors in a0: positive, unlike those of standard SBI (sdk/include/shared/sm_err.h).</summary>
public enum KeystoneError : ulong
{
    Success = 0,
    UnknownError = 100000,
    InvalidId = 100001,
    Interrupted = 100002,
    PmpFailure = 100003,
    NotRunnable = 100004,
    NotDestroyable = 100005,
    RegionOverlaps = 100006,
    NotAccessible = 100007,
    IllegalArgument = 100008,
    NotRunning = 100009,
    NotResumable = 100010,
    EdgeCallHost = 100011,
    NotInitialized = 100012,
    NoFreeResource = 100013,
    SbiProhibited = 100014,
    IllegalPte = 100015,
    NotFresh = 100016,
    PmpRegionSizeInvalid = 100020,
    PmpRegionNotPageGranularity = 100021,
    PmpRegionNotAligned = 100022,
    PmpRegionMaxReached = 100023,
    PmpRegionInvalid = 100024,
    PmpRegionOverlap = 100025,
    PmpRegionImpossibleTor = 100026,
    Deprecated = 100099,
    NotImplemented = 100100,
}

/// <summary>Life of an enclave (sm/src/enclave.h, enum enclave_state).</summary>
public enum EnclaveState
{
    Invalid = -1,
    Destroying = 0,
    Allocated = 1,
    Fresh = 2,
    Stopped = 3,
    Running = 4,
}

/// <summary>a0 and a1 of a call that returned to its caller.</summary>
public readonly record struct SbiReturn(KeystoneError Error, ulong Value = 0);

/// <summary>struct keystone_sbi_create_t, 64 bytes (sdk/include/shared/sm_call.h).</summary>
public readonly record struct EnclaveCreateArguments(
    ulong EpmAddress,
    ulong EpmSize,
    ulong UtmAddress,
    ulong UtmSize,
    ulong RuntimeAddress,
    ulong UserAddress,
    ulong FreeAddress,
    ulong FreeRequested)
{
    public const int Size = 64;
    public const int EpmAddressOffset = 0;
    public const int EpmSizeOffset = 8;
    public const int UtmAddressOffset = 16;
    public const int UtmSizeOffset = 24;
    public const int RuntimeAddressOffset = 32;
    public const int UserAddressOffset = 40;
    public const int FreeAddressOffset = 48;
    public const int FreeRequestedOffset = 56;

    public static EnclaveCreateArguments Read(ReadOnlySpan<byte> bytes)
    {
        return new EnclaveCreateArguments(
            At(bytes, EpmAddressOffset),
            At(bytes, EpmSizeOffset),
            At(bytes, UtmAddressOffset),
            At(bytes, UtmSizeOffset),
            At(bytes, RuntimeAddressOffset),
            At(bytes, UserAddressOffset),
            At(bytes, FreeAddressOffset),
            At(bytes, FreeRequestedOffset));

        static ulong At(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
    }

    /// <summary>
    /// Keystone sm/src/enclave.c, is_create_args_valid: no empty or wrapping range (so a UTM is required), and
    /// loader, runtime, eapp and free memory follow each other inside the EPM.
    /// </summary>
    public bool AreValid()
    {
        ulong epmEnd = EpmAddress + EpmSize;
        if (EpmSize == 0 || EpmAddress >= epmEnd || UtmAddress >= UtmAddress + UtmSize)
            return false;
        if (RuntimeAddress < EpmAddress || RuntimeAddress >= epmEnd)
            return false;
        if (UserAddress < EpmAddress || UserAddress >= epmEnd)
            return false;
        if (FreeAddress < EpmAddress || FreeAddress > epmEnd)
            return false;
        return RuntimeAddress <= UserAddress && UserAddress <= FreeAddress;
    }
}
