using System.Globalization;

namespace RvJit.Translator.Isa;

/// <summary>
/// Names of control and status registers, for people (privileged manual, "CSR listing", with the N extension's user
/// trap registers of its 1.11 edition). Which of them exist is the machine's matter.
/// </summary>
public static class CsrNames
{
    /// <summary>Lines of first number, then the names of consecutive registers; "-" skips one, "name3..31" counts up.</summary>
    private const string Listing = """
        000 ustatus fflags frm fcsr uie utvec
        008 vstart vxsat vxrm
        00f vcsr
        011 ssp
        015 seed - jvt
        040 uscratch uepc ucause utval uip
        100 sstatus - sedeleg sideleg sie stvec scounteren
        10a senvcfg
        10c sstateen0..3
        114 sieh
        140 sscratch sepc scause stval sip
        14d stimecmp sctrctl sctrstatus siselect sireg sireg2..3 siph sireg4..6
        15c stopei stimecmph - sctrdepth
        180 satp
        200 vsstatus
        204 vsie vstvec
        214 vsieh
        240 vsscratch vsepc vscause vstval vsip
        24d vstimecmp vsctrctl - vsiselect vsireg vsireg2..3 vsiph vsireg4..6
        25c vstopei vstimecmph
        280 vsatp
        300 mstatus misa medeleg mideleg mie mtvec mcounteren - mvien mvip menvcfg
        30c mstateen0..3
        310 mstatush
        313 midelegh mieh
        318 mvienh mviph menvcfgh
        31c mstateen0..3h
        320 mcountinhibit mcyclecfg minstretcfg mhpmevent3..31
        340 mscratch mepc mcause mtval mip
        34a mtinst mtval2
        34e mctrctl - miselect mireg mireg2..3 miph mireg4..6
        35c mtopei
        3a0 pmpcfg0..15
        3b0 pmpaddr0..63
        5a8 scontext
        5c0 suist suirs suicfg
        600 hstatus - hedeleg hideleg hie htimedelta hcounteren hgeie hvien hvictl henvcfg
        60c hstateen0..3
        613 hidelegh
        615 htimedeltah
        618 hvienh - henvcfgh
        61c hstateen0..3h
        643 htval hip hvip hviprio1 hviprio2
        64a htinst
        655 hviph hviprio1h hviprio2h
        680 hgatp
        6a8 hcontext
        721 mcyclecfgh minstretcfgh mhpmevent3..31h
        740 mnscratch mnepc mncause - mnstatus
        747 mseccfg
        757 mseccfgh
        7a0 tselect tdata1 tdata2 tdata3 tinfo tcontrol
        7a8 mcontext - mscontext
        7b0 dcsr dpc dscratch0 dscratch1
        b00 mcycle - minstret mhpmcounter3..31
        b80 mcycleh - minstreth mhpmcounter3..31h
        c00 cycle time instret hpmcounter3..31
        c20 vl vtype vlenb
        c80 cycleh timeh instreth hpmcounter3..31h
        da0 scountovf
        db0 stopi
        e12 hgeip
        eb0 vstopi
        f11 mvendorid marchid mimpid mhartid mconfigptr
        fb0 mtopi
        """;

    private static readonly Dictionary<int, string> s_names = Read();

    /// <summary>The register's name, or its number in hexadecimal.</summary>
    public static string Of(int csr) => s_names.TryGetValue(csr, out string? name) ? name : $"0x{csr:x}";

    /// <summary>Number of a name, as an assembler would take it.</summary>
    public static bool TryParse(string name, out int csr)
    {
        foreach ((int number, string n) in s_names)
        {
            if (n == name)
            {
                csr = number;
                return true;
            }
        }

        csr = 0;
        return false;
    }

    /// <summary>Number of a register of the listing.</summary>
    public static int NumberOf(string name) =>
        TryParse(name, out int csr) ? csr : throw new ArgumentException($"no CSR is called {name}", nameof(name));

    private static Dictionary<int, string> Read()
    {
        var names = new Dictionary<int, string>();
        foreach (string line in Listing.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int csr = int.Parse(words[0], NumberStyles.AllowHexSpecifier);
            foreach (string word in words.AsSpan(1))
            {
                foreach (string name in Expand(word))
                {
                    if (name != "-")
                        names.Add(csr, name);
                    csr++;
                }
            }
        }

        return names;
    }

    /// <summary>"pmpcfg0..3" is pmpcfg0, pmpcfg1, pmpcfg2, pmpcfg3; what follows the range ends every name.</summary>
    private static IEnumerable<string> Expand(string word)
    {
        int dots = word.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0)
            return [word];
        string stem = word[..dots].TrimEnd("0123456789".ToCharArray());
        string rest = word[(dots + 2)..];
        string ending = rest.TrimStart("0123456789".ToCharArray());
        int first = int.Parse(word.AsSpan(stem.Length, dots - stem.Length));
        int last = int.Parse(rest.AsSpan(0, rest.Length - ending.Length));
        return Enumerable.Range(first, last - first + 1).Select(n => $"{stem}{n}{ending}");
    }
}
