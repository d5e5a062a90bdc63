using NUnit.Framework;
using RvJit.Machine;

namespace RvJit.Tests.Isa;

/// <summary>What ISA strings mean, and what is said about those that mean nothing.</summary>
public class IsaStringTests
{
    private const string General = "rv64imafdc_zicsr_zifencei_zmmul_zaamo_zalrsc_zca_zcd";

    [TestCase("rv64gc", General)]
    [TestCase("RV64IMAFDC_Zicsr_Zifencei", General)]
    [TestCase("rv64i2p1m2p0a2p1f2p2d2p2c2p0_zicsr2p0_zifencei2p0", General)]
    [TestCase("rv64imafdczicsr_zifencei", General)]
    [TestCase("rv64i_m_a_f_d_c_zicsr_zifencei", General)]
    [TestCase("rv64i", "rv64i")]
    [TestCase("rv64ic", "rv64ic_zca")]
    [TestCase("rv64id", "rv64ifd_zicsr")]
    [TestCase("rv64ic_d", "rv64ifdc_zicsr_zca_zcd")]
    [TestCase("rv64ib", "rv64i_zba_zbb_zbs")]
    [TestCase("rv64i_zkn", "rv64i_zbkb_zbkc_zbkx_zknd_zkne_zknh")]
    [TestCase("rv64i_zks", "rv64i_zbkb_zbkc_zbkx_zksed_zksh")]
    [TestCase("rv64i_zcb", "rv64i_zca_zcb")]
    [TestCase("rv64i_zfh", "rv64if_zicsr_zfh_zfhmin")]
    [TestCase("rv64i_zbs_zba", "rv64i_zba_zbs")]
    [TestCase("rv64i_sv57", "rv64i_sv39_sv48_sv57")]
    public void MeansTheseExtensions(string isa, string all)
    {
        Assert.That(IsaString.TryParse(isa, out ExtensionSet? set, out string? error), Is.True, error);
        Assert.That(set!.ToString(), Is.EqualTo(all));

        Assert.That(IsaString.TryParse(all, out ExtensionSet? again, out _), Is.True);
        Assert.That(again, Is.EqualTo(set));
    }

    [Test]
    public void MaxIsEverythingThatDoesNotContradict()
    {
        Assert.That(IsaString.TryParse("max", out ExtensionSet? set, out _), Is.True);
        string[] missing = [.. Extensions.All.Select(extension => extension.Name).Where(name => !set!.Contains(name))];

        Assert.That(set, Is.EqualTo(ExtensionSet.Max));
        Assert.That(missing, Is.SubsetOf(Extensions.Contradictions.Select(pair => pair.First)));
    }

    [TestCase("rv64gcv", "extension 'v' is not supported; supported are: i g m")]
    [TestCase("rv64gq", "extension 'q' is not supported")]
    [TestCase("rv64gc_zkr", "extension 'zkr' is not supported")]
    [TestCase("rv64gc_zfinx", "extension 'zfinx' is not supported")]
    [TestCase("rv64gc_xthead", "extension 'xthead' is not supported")]
    [TestCase("rv64e", "extension 'e' is not supported")]
    [TestCase("rv64imafdcsu", "extension 'su' is not supported")]
    [TestCase("rv64gc_svade_svadu", "extensions 'svade' and 'svadu' contradict each other")]
    [TestCase("rv64mac", "the base 'i' (or 'g') is missing")]
    [TestCase("rv32gc", "'rv32gc' is no ISA string for 64 bits")]
    [TestCase("everything", "'everything' is no ISA string for 64 bits")]
    [TestCase("", "'' is no ISA string for 64 bits")]
    [TestCase("rv64", "'' in 'rv64' is malformed")]
    [TestCase("rv64gc_", "'' in 'rv64gc_' is malformed")]
    [TestCase("rv64gc__zba", "'' in 'rv64gc__zba' is malformed")]
    [TestCase("rv64gc-zba", "'gc-zba' in 'rv64gc-zba' is malformed")]
    [TestCase("rv642p1i", "'2p1i' in 'rv642p1i' is malformed")]
    public void RefusesInOneLine(string isa, string error)
    {
        Assert.That(IsaString.TryParse(isa, out _, out string? said), Is.False);
        Assert.That(said, Does.Contain(error));
        Assert.That(said, Does.Not.Contain('\n'));
    }

    [Test]
    public void LettersAreThoseOfMisa()
    {
        // misa as in the privileged manual: A 0, B 1, C 2, D 3, F 5, I 8, M 12.
        Assert.That(ExtensionSet.Of("g", "c").Letters, Is.EqualTo(0x112D));
        Assert.That(ExtensionSet.Of("i", "b").Letters, Is.EqualTo(0x102));
    }
}
