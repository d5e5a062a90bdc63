using System.Runtime.Intrinsics;
using NUnit.Framework;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Tests.Isa;

/// <summary>What a host without the right instructions computes, against the recordings: this host may have them.</summary>
public class AnyHostTests
{
    private static readonly Dictionary<string, Func<ulong, ulong, ulong>> s_kernels = new()
    {
        ["clmul"] = (a, b) => CarrylessProduct.OfAnyHost(a, b).ToScalar(),
        ["clmulh"] = (a, b) => CarrylessProduct.OfAnyHost(a, b).GetElement(1),
        ["aes64es"] = AesOfAnyHost.EncryptLast,
        ["aes64esm"] = AesOfAnyHost.Encrypt,
        ["aes64ds"] = AesOfAnyHost.DecryptLast,
        ["aes64dsm"] = AesOfAnyHost.Decrypt,
        ["aes64im"] = (a, _) => AesOfAnyHost.UnmixColumns(a),
    };

    private static IEnumerable<string> Rows => s_kernels.Keys;

    [TestCaseSource(nameof(Rows))]
    public void AnswersAsRecorded(string row)
    {
        int count = 0;
        foreach (VectorGroup group in InstructionVectors.Of(row))
        {
            Instruction i = InstructionTable.Decode(group.Words[0]);
            foreach ((InstructionState before, InstructionState after) in group.Cases.Where(_ => i.Rd != 0))
            {
                count++;
                Assert.That(s_kernels[row](before.X[i.Rs1], before.X[i.Rs2]), Is.EqualTo(after.X[i.Rd]), $"{before.X[i.Rs1]:x}, {before.X[i.Rs2]:x}");
            }
        }

        Assert.That(count, Is.GreaterThan(100));
    }

    /// <summary>aes64ks1i's substitution, told from its results: the last round neither rotates nor adds.</summary>
    [Test]
    public void SubstitutesWordsAsRecorded()
    {
        int count = 0;
        foreach (VectorGroup group in InstructionVectors.Of("aes64ks1i"))
        {
            Instruction i = InstructionTable.Decode(group.Words[0]);
            if (i.Rd == 0 || i.Immediate != Aes64Ks1i.GreatestRound)
                continue;
            foreach ((InstructionState before, InstructionState after) in group.Cases)
            {
                count++;
                Assert.That(AesOfAnyHost.SubstituteWord((uint)(before.X[i.Rs1] >> 32)), Is.EqualTo((uint)after.X[i.Rd]));
            }
        }

        Assert.That(count, Is.Positive);
    }
}
