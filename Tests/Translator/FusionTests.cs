using System.Numerics;
using NUnit.Framework;
using RvJit.Fuzz.Support;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Translator;

/// <summary>Shifts that translated code joins to one instruction: every register has what single steps leave in it.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed class FusionTests(Tier tier)
{
    private const int Source = 10, First = 11, Second = 12, Result = 13;
    private static readonly ulong[] s_values = [0x8000_0001_7FFF_FFFE, 0x0123_4567_89AB_CDEF, ulong.MaxValue, 0xFFFF_8000, 0x80];

    /// <summary>Both shifts go to registers of their own, which keep their values.</summary>
    [Test]
    public void Rotations([Values("or", "xor", "add")] string join, [Values] bool word, [Values] bool leftFirst)
    {
        int width = word ? 32 : 64;
        string suffix = word ? "iw" : "i";
        using var g = new GuestHarness(tier);
        for (int by = 1; by < width; by++)
        {
            uint right = Encoder.Word("srl" + suffix, rd: First, rs1: Source, imm: by);
            uint left = Encoder.Word("sll" + suffix, rd: Second, rs1: Source, imm: width - by);
            uint joined = Encoder.Word(join, rd: Result, rs1: leftFirst ? First : Second, rs2: leftFirst ? Second : First);
            g.Erase(GuestHarness.CodeAddress, GuestHarness.CodeAddress + 32);
            foreach (ulong x in s_values)
            {
                g.X[Source] = x;
                g.RunCode(leftFirst ? left : right, leftFirst ? right : left, joined);
                ulong expected = word ? Extended(BitOperations.RotateRight((uint)x, by)) : BitOperations.RotateRight(x, by);
                Assert.That(g.X[Result], Is.EqualTo(expected), $"{x:x} by {by}");
                Assert.That(g.X[First], Is.EqualTo(word ? Extended((uint)x >> by) : x >> by));
                Assert.That(g.X[Second], Is.EqualTo(word ? Extended((uint)x << (width - by)) : x << (width - by)));
            }
        }
    }

    /// <summary>The second shift overwrites the source, the last instruction the first shift.</summary>
    [Test]
    public void ARotationInPlace()
    {
        using var g = new GuestHarness(tier);
        g.X[Source] = s_values[1];
        g.RunCode(
            Encoder.Word("slli", rd: First, rs1: Source, imm: 20), Encoder.Word("srli", rd: Source, rs1: Source, imm: 44),
            Encoder.Word("or", rd: First, rs1: First, rs2: Source));
        Assert.That(g.X[First], Is.EqualTo(BitOperations.RotateLeft(s_values[1], 20)));
        Assert.That(g.X[Source], Is.EqualTo(s_values[1] >> 44));
    }

    /// <summary>What looks like a rotation and is none: other amounts, other sources, a source that changed in between.</summary>
    [Test]
    public void NoRotations()
    {
        using var g = new GuestHarness(tier);
        (ulong x, ulong y) = (s_values[0], s_values[1]);
        uint left = Encoder.Word("slli", rd: First, rs1: Source, imm: 20), join = Encoder.Word("or", rd: Result, rs1: First, rs2: Second);
        Assert.That(Run(left, Encoder.Word("srli", rd: Second, rs1: Source, imm: 43), join), Is.EqualTo(x << 20 | x >> 43));
        Assert.That(Run(left, Encoder.Word("srai", rd: Second, rs1: Source, imm: 44), join), Is.EqualTo(x << 20 | (ulong)((long)x >> 44)));
        Assert.That(Run(left, Encoder.Word("srli", rd: Second, rs1: Result, imm: 44), join), Is.EqualTo(x << 20 | y >> 44));
        Assert.That(
            Run(left, Encoder.Word("addi", rd: Source, rs1: Source, imm: 1), Encoder.Word("srli", rd: Second, rs1: Source, imm: 44), join),
            Is.EqualTo(x << 20 | (x + 1) >> 44));
        Assert.That(Run(left, Encoder.Word("srliw", rd: Second, rs1: Source, imm: 12), join), Is.EqualTo(x << 20 | (uint)x >> 12));

        ulong Run(params uint[] code)
        {
            g.Erase(GuestHarness.CodeAddress, GuestHarness.CodeAddress + 32);
            (g.X[Source], g.X[Result]) = (x, y);
            g.RunCode(code);
            return g.X[Result];
        }
    }

    /// <summary>The low bits, extended and shifted to where an index needs them; the shifts may write their source.</summary>
    [Test]
    public void Fields([Values("srli", "srai")] string right, [Values(8, 16, 24, 32, 48, 56)] int left, [Values] bool inPlace)
    {
        using var g = new GuestHarness(tier);
        for (int by = 1; by < 64; by++)
        {
            g.Erase(GuestHarness.CodeAddress, GuestHarness.CodeAddress + 32);
            foreach (ulong x in s_values)
            {
                int middle = inPlace ? Source : First, end = inPlace ? Source : Result;
                g.X[Source] = x;
                g.RunCode(
                    Encoder.Word("slli", rd: middle, rs1: Source, imm: left), Encoder.Word(right, rd: end, rs1: middle, imm: by));
                ulong expected = right == "srli" ? x << left >> by : (ulong)((long)(x << left) >> by);
                Assert.That(g.X[end], Is.EqualTo(expected), $"{x:x} << {left} >> {by}");
            }
        }
    }

    private static ulong Extended(uint word) => (ulong)(int)word;
}
