using NUnit.Framework;
using RvJit.Translator.Float;

namespace RvJit.Tests.Float;

/// <summary>Results in the default rounding mode against the host's own arithmetic, which is IEEE 754 too: only
/// NaNs differ, and are made canonical here.</summary>
public class HostArithmeticTests
{
    private const int RandomPairs = 250_000;

    private delegate ulong Kernel(ulong a, ulong b, int rm, ref uint flags);

    [Test]
    public void Add() => Compare(SoftFloat.Add<Binary32>, (a, b) => a + b, SoftFloat.Add<Binary64>, (a, b) => a + b);

    [Test]
    public void Subtract() => Compare(SoftFloat.Sub<Binary32>, (a, b) => a - b, SoftFloat.Sub<Binary64>, (a, b) => a - b);

    [Test]
    public void Multiply() => Compare(SoftFloat.Mul<Binary32>, (a, b) => a * b, SoftFloat.Mul<Binary64>, (a, b) => a * b);

    [Test]
    public void Divide() => Compare(SoftFloat.Div<Binary32>, (a, b) => a / b, SoftFloat.Div<Binary64>, (a, b) => a / b);

    [Test]
    public void SquareRoot() => Compare(
        (ulong a, ulong b, int rm, ref uint flags) => SoftFloat.Sqrt<Binary32>(a ^ b, rm, ref flags),
        (a, b) => MathF.Sqrt(XorBits(a, b)),
        (ulong a, ulong b, int rm, ref uint flags) => SoftFloat.Sqrt<Binary64>(a ^ b, rm, ref flags),
        (a, b) => Math.Sqrt(XorBits(a, b)));

    [Test]
    public void CompareNumbers() => Compare(
        (ulong a, ulong b, int rm, ref uint flags) =>
            Order(SoftFloat.Lt<Binary32>(a, b, ref flags), SoftFloat.Le<Binary32>(a, b, ref flags), SoftFloat.Eq<Binary32>(a, b, ref flags)),
        (a, b) => BitConverter.UInt32BitsToSingle(Order(a < b, a <= b, a == b)),
        (ulong a, ulong b, int rm, ref uint flags) =>
            Order(SoftFloat.Lt<Binary64>(a, b, ref flags), SoftFloat.Le<Binary64>(a, b, ref flags), SoftFloat.Eq<Binary64>(a, b, ref flags)),
        (a, b) => BitConverter.UInt64BitsToDouble(Order(a < b, a <= b, a == b)));

    [Test]
    public void MultiplyAdd32()
    {
        var random = new Random(3);
        uint[] few = FloatOperands.Few32;
        foreach (uint a in few)
            foreach (uint b in few)
                foreach (uint c in few)
                    Check(a, b, c);
        for (int i = 0; i < RandomPairs; i++)
        {
            (uint a, uint b) = FloatOperands.Pair32(random);
            Check(a, b, FloatOperands.Addend32(random, a, b));
        }

        static void Check(uint a, uint b, uint c)
        {
            uint flags = 0;
            ulong got = SoftFloat.MulAdd<Binary32>(a, b, c, FloatRounding.NearestEven, ref flags);
            uint want = Bits(MathF.FusedMultiplyAdd(Float(a), Float(b), Float(c)));
            if (got != want)
                Assert.Fail($"{a:x8} * {b:x8} + {c:x8}: got {got:x8}, want {want:x8}");
        }
    }

    [Test]
    public void MultiplyAdd64()
    {
        var random = new Random(4);
        ulong[] few = FloatOperands.Few64;
        foreach (ulong a in few)
            foreach (ulong b in few)
                foreach (ulong c in few)
                    Check(a, b, c);
        for (int i = 0; i < RandomPairs; i++)
        {
            (ulong a, ulong b) = FloatOperands.Pair64(random);
            Check(a, b, FloatOperands.Addend64(random, a, b));
        }

        // A product of which, next to the addend, exactly one bit is left below 64 zeros, and without it a tie.
        Check(0x3ffe_ccfe_e658_546d, 0x3ff0_27e3_8388_d565, 0x4160_0000_0000_0000);
        Check(0x3fff_266d_aad8_df85, 0x3ff7_2341_2134_414d, 0x4160_0000_0000_0000);

        static void Check(ulong a, ulong b, ulong c)
        {
            uint flags = 0;
            ulong got = SoftFloat.MulAdd<Binary64>(a, b, c, FloatRounding.NearestEven, ref flags);
            ulong want = Bits(Math.FusedMultiplyAdd(Double(a), Double(b), Double(c)));
            if (got != want)
                Assert.Fail($"{a:x16} * {b:x16} + {c:x16}: got {got:x16}, want {want:x16}");
        }
    }

    [Test]
    public void ConvertBetweenFormats()
    {
        var random = new Random(5);
        foreach (ulong a in FloatOperands.Directed64)
            Narrow(a);
        foreach (uint a in FloatOperands.Directed32)
            Widen(a);
        for (int i = 0; i < RandomPairs; i++)
        {
            uint single = FloatOperands.Pair32(random).A;
            Widen(single);
            Narrow(FloatOperands.Pair64(random).A);

            // A neighbour of a single-precision value, or of the middle between two.
            ulong wide = Bits((double)Float(single));
            Narrow(wide + ((ulong)random.Next(2) << 28) + (ulong)random.Next(3) - 1);
        }

        static void Narrow(ulong a)
        {
            uint flags = 0;
            ulong got = SoftFloat.Convert<Binary64, Binary32>(a, FloatRounding.NearestEven, ref flags);
            uint want = Bits((float)Double(a));
            if (got != want)
                Assert.Fail($"{a:x16} to single: got {got:x8}, want {want:x8}");
        }

        static void Widen(uint a)
        {
            uint flags = 0;
            ulong got = SoftFloat.Convert<Binary32, Binary64>(a, FloatRounding.NearestEven, ref flags);
            ulong want = Bits((double)Float(a));
            if (got != want)
                Assert.Fail($"{a:x8} to double: got {got:x16}, want {want:x16}");
        }
    }

    [Test]
    public void ConvertFromIntegers()
    {
        var random = new Random(6);
        for (int i = 0; i < RandomPairs; i++)
        {
            ulong a = (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
            uint flags = 0;
            ulong[] got =
            [
                SoftFloat.FromSigned<Binary32>((int)a, 0, ref flags), SoftFloat.FromUnsigned<Binary32>((uint)a, 0, ref flags),
                SoftFloat.FromSigned<Binary32>((long)a, 0, ref flags), SoftFloat.FromUnsigned<Binary32>(a, 0, ref flags),
                SoftFloat.FromSigned<Binary64>((int)a, 0, ref flags), SoftFloat.FromUnsigned<Binary64>((uint)a, 0, ref flags),
                SoftFloat.FromSigned<Binary64>((long)a, 0, ref flags), SoftFloat.FromUnsigned<Binary64>(a, 0, ref flags),
            ];
            ulong[] want =
            [
                Bits((float)(int)a), Bits((float)(uint)a), Bits((float)(long)a), Bits((float)a),
                Bits((double)(int)a), Bits((double)(uint)a), Bits((double)(long)a), Bits((double)a),
            ];
            if (!got.AsSpan().SequenceEqual(want))
                Assert.Fail($"from {a:x}: got {string.Join(' ', got)}, want {string.Join(' ', want)}");
        }
    }

    private static void Compare(
        Kernel kernel32, Func<float, float, float> host32, Kernel kernel64, Func<double, double, double> host64)
    {
        var random = new Random(2);
        foreach (uint a in FloatOperands.Directed32)
            foreach (uint b in FloatOperands.Directed32)
                Check32(a, b);
        foreach (ulong a in FloatOperands.Directed64)
            foreach (ulong b in FloatOperands.Directed64)
                Check64(a, b);
        for (int i = 0; i < RandomPairs; i++)
        {
            (uint a, uint b) = FloatOperands.Pair32(random);
            Check32(a, b);
            (ulong c, ulong d) = FloatOperands.Pair64(random);
            Check64(c, d);
        }

        void Check32(uint a, uint b)
        {
            uint flags = 0;
            ulong got = kernel32(a, b, FloatRounding.NearestEven, ref flags);
            uint want = Bits(host32(Float(a), Float(b)));
            if (got != want)
                Assert.Fail($"{a:x8}, {b:x8}: got {got:x8}, want {want:x8}");
        }

        void Check64(ulong a, ulong b)
        {
            uint flags = 0;
            ulong got = kernel64(a, b, FloatRounding.NearestEven, ref flags);
            ulong want = Bits(host64(Double(a), Double(b)));
            if (got != want)
                Assert.Fail($"{a:x16}, {b:x16}: got {got:x16}, want {want:x16}");
        }
    }

    private static uint Order(bool less, bool lessOrEqual, bool equal)
        => (less ? 1u : 0) | (lessOrEqual ? 2u : 0) | (equal ? 4u : 0);

    private static float XorBits(float a, float b)
        => Float(BitConverter.SingleToUInt32Bits(a) ^ BitConverter.SingleToUInt32Bits(b));

    private static double XorBits(double a, double b)
        => Double(BitConverter.DoubleToUInt64Bits(a) ^ BitConverter.DoubleToUInt64Bits(b));

    private static float Float(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    private static double Double(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    private static uint Bits(float value)
        => float.IsNaN(value) ? (uint)Layout<Binary32>.CanonicalNaN : BitConverter.SingleToUInt32Bits(value);

    private static ulong Bits(double value)
        => double.IsNaN(value) ? Layout<Binary64>.CanonicalNaN : BitConverter.DoubleToUInt64Bits(value);
}
