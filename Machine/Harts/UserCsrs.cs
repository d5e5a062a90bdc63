namespace RvJit.Machine;

/// <summary>
/// CSR numbers (privileged manual, table "Currently allocated RISC-V unprivileged CSR addresses"; those of user-level
/// traps: its edition 1.11).
/// </summary>
public static class Csr
{
    public const int Ustatus = 0x000;
    public const int Uie = 0x004;
    public const int Utvec = 0x005;
    public const int Uscratch = 0x040;
    public const int Uepc = 0x041;
    public const int Ucause = 0x042;
    public const int Utval = 0x043;
    public const int Uip = 0x044;
    public const int Fflags = 0x001;
    public const int Frm = 0x002;
    public const int Fcsr = 0x003;
    public const int Cycle = 0xC00;
    public const int Time = 0xC01;
    public const int Instret = 0xC02;

    /// <summary>hpmcounter3 to hpmcounter31.</summary>
    public const int FirstHpmCounter = 0xC03;
    public const int LastHpmCounter = 0xC1F;
}

/// <summary>The CSRs that user-level code may use.</summary>
public sealed unsafe class UserCsrs : ICsrFile
{
    public static readonly UserCsrs Instance = new();

    /// <summary>Ticks a second of the time CSR, as on the boards that Linux knows (device tree timebase-frequency).</summary>
    public const long TimebaseHertz = 10_000_000;

    public bool TryRead(Hart hart, int csr, out ulong value)
    {
        HartState* st = hart.State;
        value = 0;
        if (!Exists(hart.Extensions, csr))
            return hart.UserTraps?.TryRead(csr, out value) == true;
        switch (csr)
        {
            case Csr.Fflags:
                value = FloatingPointControl.ReadFlags(*st);
                return true;
            case Csr.Frm:
                value = FloatingPointControl.ReadFrm(*st);
                return true;
            case Csr.Fcsr:
                value = FloatingPointControl.Read(*st);
                return true;
            case Csr.Time:
                value = HostClock.Ticks;
                return true;
            case Csr.Cycle:
                value = HostClock.Nanoseconds;
                return true;
            case Csr.Instret:
                value = st->Retired;
                return true;
            default:
                return true; // performance counters, which count nothing
        }
    }

    public bool TryWrite(Hart hart, int csr, ulong value)
    {
        HartState* st = hart.State;
        if (!Exists(hart.Extensions, csr))
            return hart.UserTraps?.TryWrite(hart, csr, value) == true;
        switch (csr)
        {
            case Csr.Fflags:
                FloatingPointControl.WriteFlags(ref *st, (uint)value & 31);
                return true;
            case Csr.Frm:
                FloatingPointControl.WriteFrm(ref *st, (uint)value & 7);
                return true;
            case Csr.Fcsr:
                FloatingPointControl.Write(ref *st, (uint)value & 0xFF);
                return true;
            default:
                return false; // counters are read-only to user code
        }
    }

    public bool TryModify(Hart hart, int csr, ulong set, ulong clear, out ulong old)
    {
        old = 0;
        return Exists(hart.Extensions, csr)
            ? TryRead(hart, csr, out old) && TryWrite(hart, csr, (old & ~clear) | set)
            : hart.UserTraps?.TryModify(hart, csr, set, clear, out old) == true;
    }

    public bool TryInspect(Hart hart, int csr, out ulong value) => TryRead(hart, csr, out value);

    private static bool Exists(ExtensionSet extensions, int csr) => csr switch
    {
        Csr.Fflags or Csr.Frm or Csr.Fcsr => extensions.HasLetter('f'),
        Csr.Cycle or Csr.Time or Csr.Instret => extensions.HasCounters,
        >= Csr.FirstHpmCounter and <= Csr.LastHpmCounter => extensions.Contains("zihpm"),
        _ => false,
    };
}
