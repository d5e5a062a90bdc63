namespace RvJit.Guest.Linux.Identity;

/// <summary>struct rlimit64.</summary>
public readonly record struct ResourceLimit(ulong Soft, ulong Hard)
{
    public const ulong Infinite = ulong.MaxValue;
}

/// <summary>The limits of a process (asm-generic/resource.h numbers). They are remembered; those a guest asks for are told.</summary>
public sealed class ResourceLimits
{
    public const int Count = 16;

    public const int Stack = 3;
    public const int Core = 4;
    public const int Processes = 6;
    public const int Files = 7;

    private readonly Lock _lock = new();
    private readonly ResourceLimit[] _limits = new ResourceLimit[Count];

    public ResourceLimits(ulong stackBytes)
    {
        foreach (ref ResourceLimit limit in _limits.AsSpan())
            limit = new ResourceLimit(ResourceLimit.Infinite, ResourceLimit.Infinite);
        _limits[Stack] = new ResourceLimit(stackBytes, ResourceLimit.Infinite);
        _limits[Core] = new ResourceLimit(0, ResourceLimit.Infinite);
        _limits[Processes] = new ResourceLimit(65536, 65536);
        _limits[Files] = new ResourceLimit(1024, 524288);
        _limits[8] = new ResourceLimit(64 << 20, 64 << 20); // RLIMIT_MEMLOCK
        _limits[11] = new ResourceLimit(4096, 4096); // RLIMIT_SIGPENDING
        _limits[12] = new ResourceLimit(819200, 819200); // RLIMIT_MSGQUEUE
        _limits[13] = default; // RLIMIT_NICE
        _limits[14] = default; // RLIMIT_RTPRIO
    }

    public ResourceLimit this[int resource]
    {
        get
        {
            lock (_lock)
                return _limits[resource];
        }
    }

    public long Exchange(int resource, ResourceLimit? wanted, out ResourceLimit before)
    {
        lock (_lock)
        {
            before = _limits[resource];
            if (wanted is not { } limit)
                return 0;
            if (limit.Hard > before.Hard)
                return -Errno.EPERM;
            _limits[resource] = limit;
            return 0;
        }
    }
}
