using System.Runtime.InteropServices;

namespace RvJit.Guest.Keystone;

/// <summary>
/// Numbers and layouts of the Keystone Linux driver, once and verbatim (keystone-enclave/keystone, commit 88c49ee:
/// sdk/include/shared/keystone_user.h, linux-keystone-driver/keystone-enclave.c). The direction bits of the numbers do
/// not tell the truth: every command copies its structure in and out.
/// </summary>
public static class KeystoneDriverAbi
{
    public const string DevicePath = "/dev/keystone_enclave";

    public const uint Create = 0x8050_a400; // _IOR(0xa4, 0x00, struct keystone_ioctl_create_enclave)
    public const uint Destroy = 0x4050_a401; // _IOW(0xa4, 0x01, ...create_enclave)
    public const uint Run = 0x8018_a404; // _IOR(0xa4, 0x04, struct keystone_ioctl_run_enclave)
    public const uint Resume = 0x8018_a405; // _IOR(0xa4, 0x05, ...run_enclave)
    public const uint Finalize = 0x8050_a406; // _IOR(0xa4, 0x06, ...create_enclave)
    public const uint UtmInit = 0x8050_a407; // _IOR(0xa4, 0x07, ...create_enclave)

    /// <summary>Ours: _IOWR(0xa4, 0x15, struct keystone_ioctl_receive).</summary>
    public const uint Receive = 0xc018_a415;

    /// <summary>Bytes the driver copies at most, whatever size a number claims.</summary>
    public const int LargestArgument = 512;

    /// <summary>User enclave ids (ENCLAVE_IDR_MIN, ENCLAVE_IDR_MAX exclusive). They are not the monitor's.</summary>
    public const ulong FirstId = 0x1000;
    public const ulong IdLimit = 0xffff;

    /// <summary>_IOC_SIZE.</summary>
    public static int ArgumentSize(uint request) => Math.Min((int)(request >> 16) & 0x3fff, LargestArgument);
}

/// <summary>struct keystone_ioctl_create_enclave, 80 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct CreateEnclaveArgument
{
    public ulong Id; // 0
    public ulong MinimumPages; // 8
    public ulong UtmSize; // 16
    public ulong RuntimeAddress; // 24
    public ulong UserAddress; // 32
    public ulong FreeAddress; // 40
    public ulong FreeRequested; // 48
    public ulong EpmAddress; // 56
    public ulong EpmSize; // 64
    public ulong UtmAddress; // 72
}

/// <summary>struct keystone_ioctl_receive, 24 bytes: the calling thread receives user interrupts from an enclave.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct ReceiveArgument
{
    public ulong Id; // 0

    /// <summary>The bit that the enclave sets.</summary>
    public ulong Vector; // 8

    /// <summary>Answer: the index that the enclave sends by.</summary>
    public ulong Sender; // 16
}

/// <summary>struct keystone_ioctl_run_enclave, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct RunEnclaveArgument
{
    public ulong Id; // 0
    public ulong Error; // 8
    public ulong Value; // 16
}
