using RvJit.Machine;

namespace RvJit.Monitor.Sbi;

/// <summary>
/// The M-mode of a machine without firmware: the Supervisor Binary Interface 2.0 as a native service (BASE, TIME, IPI,
/// RFENCE, HSM, SRST, DBCN, and of the legacy calls timer, console and shutdown). The extension id is in a7, the
/// function in a6, arguments in a0 to a5; a0 returns the error, a1 the value; nothing else changes.
/// </summary>
public sealed unsafe class SbiFirmware(ISbiPlatform platform) : INativeFirmware
{
    /// <summary>SBI 2.0: major in bits 30:24, minor in 23:0.</summary>
    private const ulong SpecificationVersion = 2UL << 24;

    /// <summary>Not one of the ids the specification gives to known implementations.</summary>
    private const ulong ImplementationId = 0x5276_4A69;
    private const ulong ImplementationVersion = 1;
    private const ulong AllHarts = ulong.MaxValue;
    private const ulong DefaultRetentiveSuspend = 0;
    private const ulong LegacyNothingTyped = ulong.MaxValue;

    private const int A0 = 10;
    private const int A1 = 11;
    private const int A6 = 16;
    private const int A7 = 17;
    private const int EcallBytes = 4;

    /// <summary>Serves the ecall that an S-mode hart has just made, and moves its pc on.</summary>
    public TrapOutcome Call(Hart hart)
    {
        HartState* st = hart.State;
        st->Pc += EcallBytes;
        ulong extension = st->X[A7];
        ulong function = st->X[A6];
        var arguments = new ReadOnlySpan<ulong>(st->X + A0, 6);
        if (extension == SbiExtension.HartState && function == 1)
            return Stop(hart);
        if (TryLegacy(hart, extension, arguments[0], out ulong legacy))
        {
            st->X[A0] = legacy;
            return TrapOutcome.Resume;
        }

        SbiResult result = extension switch
        {
            SbiExtension.Base => Base(function, arguments),
            SbiExtension.Time when function == 0 => SetTimer(hart, arguments[0]),
            SbiExtension.Ipi when function == 0 => ForHarts(arguments[0], arguments[1], platform.SendIpi),
            SbiExtension.RemoteFence => RemoteFence(function, arguments),
            SbiExtension.HartState => HartStates(hart, function, arguments),
            SbiExtension.SystemReset when function == 0 => Reset(arguments[0], arguments[1]),
            SbiExtension.DebugConsole => Console(function, arguments),
            _ => SbiResult.NotSupported,
        };
        st->X[A0] = (ulong)(long)result.Error;
        st->X[A1] = result.Value;
        return TrapOutcome.Resume;
    }

    private static bool IsProvided(ulong extension) => extension is
        SbiExtension.LegacySetTimer or SbiExtension.LegacyPutCharacter or SbiExtension.LegacyGetCharacter
        or SbiExtension.LegacyShutdown or SbiExtension.Base or SbiExtension.Time or SbiExtension.Ipi
        or SbiExtension.RemoteFence or SbiExtension.HartState or SbiExtension.SystemReset or SbiExtension.DebugConsole;

    /// <summary>The hart's thread ends; the platform starts a new one when the hart is started again.</summary>
    private TrapOutcome Stop(Hart hart)
    {
        platform.Stop(hart.Id);
        return TrapOutcome.Exit;
    }

    /// <summary>The calls of SBI 0.1 that are still in use; they return a0 alone.</summary>
    private bool TryLegacy(Hart hart, ulong extension, ulong argument, out ulong result)
    {
        result = 0;
        switch (extension)
        {
            case SbiExtension.LegacySetTimer:
                platform.SetTimer(hart.Id, argument);
                return true;
            case SbiExtension.LegacyPutCharacter:
                platform.WriteConsole([(byte)argument]);
                return true;
            case SbiExtension.LegacyGetCharacter:
                Span<byte> typed = stackalloc byte[1];
                result = platform.ReadConsole(typed) == 1 ? typed[0] : LegacyNothingTyped;
                return true;
            case SbiExtension.LegacyShutdown:
                platform.Reset(SbiResetType.Shutdown, failure: false);
                return true;
            default:
                return false;
        }
    }

    private static SbiResult Base(ulong function, ReadOnlySpan<ulong> arguments) => function switch
    {
        0 => SbiResult.Of(SpecificationVersion),
        1 => SbiResult.Of(ImplementationId),
        2 => SbiResult.Of(ImplementationVersion),
        3 => SbiResult.Of(IsProvided(arguments[0]) ? 1UL : 0),
        4 or 5 or 6 => SbiResult.Of(0), // mvendorid, marchid, mimpid: not a commercial implementation
        _ => SbiResult.NotSupported,
    };

    private SbiResult SetTimer(Hart hart, ulong time)
    {
        platform.SetTimer(hart.Id, time);
        return SbiError.Success;
    }

    private SbiResult RemoteFence(ulong function, ReadOnlySpan<ulong> arguments)
    {
        ulong start = arguments[2], size = arguments[3], space = arguments[4];
        return function switch
        {
            0 => ForHarts(arguments[0], arguments[1], platform.FenceInstruction),
            1 => ForHarts(arguments[0], arguments[1], hart => platform.FenceTranslation(hart, start, size, null)),
            2 => ForHarts(arguments[0], arguments[1], hart => platform.FenceTranslation(hart, start, size, space)),
            _ => SbiResult.NotSupported, // the hypervisor's fences
        };
    }

    private SbiResult HartStates(Hart hart, ulong function, ReadOnlySpan<ulong> arguments)
    {
        switch (function)
        {
            case 0:
                if (arguments[0] >= (ulong)platform.HartCount)
                    return SbiError.InvalidParameter;
                if (!platform.Memory.Contains(arguments[1], sizeof(ushort)) || (arguments[1] & 1) != 0)
                    return SbiError.InvalidAddress;
                return platform.TryStart((int)arguments[0], arguments[1], arguments[2])
                    ? SbiError.Success
                    : SbiError.AlreadyAvailable;
            case 2:
                return arguments[0] < (ulong)platform.HartCount
                    ? SbiResult.Of((ulong)platform.StateOf((int)arguments[0]))
                    : SbiError.InvalidParameter;
            case 3 when (uint)arguments[0] == DefaultRetentiveSuspend:
                platform.Suspend(hart);
                return SbiError.Success;
            default:
                return SbiResult.NotSupported;
        }
    }

    private SbiResult Reset(ulong type, ulong reason)
    {
        // Both are 32-bit numbers; types above the three known ones are reserved or somebody's own.
        if ((uint)type > (uint)SbiResetType.WarmReboot)
            return SbiError.InvalidParameter;
        platform.Reset((SbiResetType)(uint)type, failure: (uint)reason != 0);
        return SbiError.Success;
    }

    private SbiResult Console(ulong function, ReadOnlySpan<ulong> arguments)
    {
        if (function == 2)
        {
            platform.WriteConsole([(byte)arguments[0]]);
            return SbiError.Success;
        }

        if (function > 2)
            return SbiResult.NotSupported;

        // Bytes at the physical address in a2:a1; as many as are done at once may be fewer than asked for.
        const ulong mostAtOnce = 4096;
        int count = (int)Math.Min(arguments[0], mostAtOnce);
        if (arguments[2] != 0 || (arguments[0] != 0 && !platform.Memory.Contains(arguments[1], arguments[0])))
            return SbiError.InvalidParameter;
        if (count == 0)
            return SbiResult.Of(0);
        Span<byte> bytes = stackalloc byte[count];
        if (function == 0)
        {
            if (!platform.Memory.TryRead(arguments[1], bytes))
                return SbiError.InvalidParameter;
            platform.WriteConsole(bytes);
            return SbiResult.Of((ulong)count);
        }

        bytes = bytes[..platform.ReadConsole(bytes)];
        return platform.Memory.TryWrite(arguments[1], bytes) ? SbiResult.Of((ulong)bytes.Length) : SbiError.Failed;
    }

    /// <summary>A mask of harts from a first one; all of them when that is -1. Unknown harts refuse the whole call.</summary>
    private SbiResult ForHarts(ulong mask, ulong first, Action<int> action)
    {
        ulong count = (ulong)platform.HartCount;
        if (first == AllHarts)
        {
            for (int hart = 0; hart < platform.HartCount; hart++)
                action(hart);
            return SbiError.Success;
        }

        for (int bit = 0; bit < 64; bit++)
        {
            if ((mask >> bit & 1) != 0 && (first >= count || (ulong)bit >= count - first))
                return SbiError.InvalidParameter;
        }

        for (int bit = 0; bit < 64; bit++)
        {
            if ((mask >> bit & 1) != 0)
                action((int)first + bit);
        }

        return SbiError.Success;
    }
}
