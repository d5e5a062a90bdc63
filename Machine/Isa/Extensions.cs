using static RvJit.Machine.ExtensionKind;

namespace RvJit.Machine;

/// <summary>
/// The extensions that exist here, in the order of ISA strings (unprivileged manual, "ISA Extension Naming
/// Conventions"), with what each of them implies by its own chapter.
/// </summary>
public static class Extensions
{
    /// <summary>Pairs that say opposite things about the same hart.</summary>
    public static readonly IReadOnlyList<Contradiction> Contradictions =
    [
        new("svade", "svadu", "page faults or hardware set accessed and dirty bits, not both"),
    ];

    private static readonly Extension[] s_all =
    [
        new("i", Unprivileged, "base integer instructions, 64 bits"),
        new("g", Bundle, "the general-purpose set", "i", "m", "a", "f", "d", "zicsr", "zifencei"),
        new("m", Unprivileged, "multiplication and division", "zmmul"),
        new("a", Unprivileged, "atomic operations", "zaamo", "zalrsc"),
        new("f", Unprivileged, "single-precision floating point", "zicsr"),
        new("d", Unprivileged, "double-precision floating point", "f"),
        new("c", Unprivileged, "compressed instructions; with d, zcd too", "zca"),
        new("b", Bundle, "bit manipulation", "zba", "zbb", "zbs"),
        new("n", Unratified, "user-level interrupts, draft 1.1", "zicsr"),
        new("zic64b", Promise, "cache blocks are 64 bytes"),
        new("zicbom", Unprivileged, "cache block management: clean, flush, inval"),
        new("zicbop", Unprivileged, "cache block prefetch hints"),
        new("zicboz", Unprivileged, "cache block zero"),
        new("ziccamoa", Promise, "main memory supports all of a's operations", "zaamo"),
        new("ziccif", Promise, "aligned fetches of main memory are atomic"),
        new("zicclsm", Promise, "misaligned loads and stores of main memory are done"),
        new("ziccrse", Promise, "main memory supports reservations that succeed in the end", "zalrsc"),
        new("zicntr", Unprivileged, "counters cycle, time, instret", "zicsr"),
        new("zicond", Unprivileged, "conditional zero"),
        new("zicsr", Unprivileged, "control and status registers"),
        new("zifencei", Unprivileged, "instruction fetch fence"),
        new("zihintntl", Unprivileged, "non-temporal locality hints"),
        new("zihintpause", Unprivileged, "pause hint"),
        new("zihpm", Unprivileged, "hardware performance counters, which count nothing", "zicsr"),
        new("zimop", Unprivileged, "may-be-operations, which write 0"),
        new("zmmul", Unprivileged, "multiplication"),
        new("za64rs", Promise, "reservation sets are at most 64 bytes", "zalrsc"),
        new("zaamo", Unprivileged, "atomic read-modify-write"),
        new("zabha", Unprivileged, "atomic read-modify-write of bytes and halfwords", "zaamo"),
        new("zacas", Unprivileged, "atomic compare-and-swap", "zaamo"),
        new("zalrsc", Unprivileged, "load-reserved and store-conditional"),
        new("zawrs", Unprivileged, "wait on a reservation set", "zalrsc"),
        new("zfa", Unprivileged, "additional floating point", "f"),
        new("zfh", Unprivileged, "half-precision floating point", "zfhmin"),
        new("zfhmin", Unprivileged, "half-precision moves and conversions", "f"),
        new("zca", Unprivileged, "compressed instructions without floating point"),
        new("zcb", Unprivileged, "more compressed instructions", "zca"),
        new("zcd", Unprivileged, "compressed loads and stores of doubles", "zca", "d"),
        new("zcmop", Unprivileged, "compressed may-be-operations, which do nothing", "zca"),
        new("zba", Unprivileged, "address generation"),
        new("zbb", Unprivileged, "basic bit manipulation"),
        new("zbc", Unprivileged, "carry-less multiplication"),
        new("zbkb", Unprivileged, "bit manipulation for cryptography"),
        new("zbkc", Unprivileged, "carry-less multiplication for cryptography"),
        new("zbkx", Unprivileged, "crossbar permutations"),
        new("zbs", Unprivileged, "single-bit instructions"),
        new("zkn", Bundle, "NIST algorithms", "zbkb", "zbkc", "zbkx", "zknd", "zkne", "zknh"),
        new("zknd", Unprivileged, "AES decryption"),
        new("zkne", Unprivileged, "AES encryption"),
        new("zknh", Unprivileged, "SHA-2"),
        new("zks", Bundle, "ShangMi algorithms", "zbkb", "zbkc", "zbkx", "zksed", "zksh"),
        new("zksed", Unprivileged, "SM4"),
        new("zksh", Unprivileged, "SM3"),
        new("smepmp", Privileged, "PMP enhancements for machine mode"),
        new("sstc", Privileged, "supervisor timer compare", "zicsr"),
        new("sv39", Privileged, "paging with 39-bit addresses"),
        new("sv48", Privileged, "paging with 48-bit addresses", "sv39"),
        new("sv57", Privileged, "paging with 57-bit addresses", "sv48"),
        new("svade", Privileged, "page faults where accessed or dirty bits must be set"),
        new("svadu", Privileged, "hardware sets accessed and dirty bits"),
        new("svinval", Privileged, "fine-grained invalidation of translations"),
        new("svnapot", Privileged, "64 KiB pages", "sv39"),
        new("svpbmt", Privileged, "page-based memory types", "sv39"),
        new("xaec", Unratified, "user interrupts from hart to hart: uipi", "n"),
    ];

    private static readonly Dictionary<string, int> s_places = Places();

    public static IReadOnlyList<Extension> All => s_all;

    public static Extension? Find(string name) => PlaceOf(name) is var place and >= 0 ? s_all[place] : null;

    /// <summary>Where the extension stands in <see cref="All"/>; negative: nowhere.</summary>
    internal static int PlaceOf(string name) => s_places.TryGetValue(name, out int place) ? place : -1;

    private static Dictionary<string, int> Places()
    {
        var places = new Dictionary<string, int>(s_all.Length);
        for (int k = 0; k < s_all.Length; k++)
            places.Add(s_all[k].Name, k);
        return places;
    }
}

/// <summary>Two extensions that no hart has both of.</summary>
public sealed record Contradiction(string First, string Second, string Why);
