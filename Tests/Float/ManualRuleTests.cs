using NUnit.Framework;
using RvJit.Translator.Float;

namespace RvJit.Tests.Float;

/// <summary>What the unprivileged manual says in so many words, independent of any recording.</summary>
public class ManualRuleTests
{
    private const uint One32 = 0x3f80_0000;
    private const uint Infinity32 = 0x7f80_0000;
    private const uint Quiet32 = 0x7fc1_2345;
    private const uint Signalling32 = 0x7f80_0001;
    private const uint NegativeZero32 = 0x8000_0000;
    private const ulong One64 = 0x3ff0_0000_0000_0000;
    private const ulong Infinity64 = 0x7ff0_0000_0000_0000;
    private const ulong SmallestNormal64 = 0x0010_0000_0000_0000;

    [Test]
    public void ANaNResultIsCanonicalWhateverThePayload()
    {
        uint flags = 0;
        Assert.That(SoftFloat.Add<Binary32>(Quiet32 | NegativeZero32, One32, 0, ref flags), Is.EqualTo(Layout<Binary32>.CanonicalNaN));
        Assert.That(flags, Is.Zero);
        Assert.That(SoftFloat.Mul<Binary32>(One32, Signalling32, 0, ref flags), Is.EqualTo(Layout<Binary32>.CanonicalNaN));
        Assert.That(flags, Is.EqualTo(FloatFlags.Invalid));
    }

    [Test]
    public void InfinityTimesZeroPlusAQuietNaNIsInvalid()
    {
        uint flags = 0;
        Assert.That(SoftFloat.MulAdd<Binary32>(Infinity32, 0, Quiet32, 0, ref flags), Is.EqualTo(Layout<Binary32>.CanonicalNaN));
        Assert.That(flags, Is.EqualTo(FloatFlags.Invalid));
    }

    [Test]
    public void DivisionByZeroIsNotInvalidUnlessBothAreZero()
    {
        uint flags = 0;
        Assert.That(SoftFloat.Div<Binary64>(One64, 0, 0, ref flags), Is.EqualTo(Infinity64));
        Assert.That(flags, Is.EqualTo(FloatFlags.DivideByZero));
        flags = 0;
        Assert.That(SoftFloat.Div<Binary64>(0, 0, 0, ref flags), Is.EqualTo(Layout<Binary64>.CanonicalNaN));
        Assert.That(flags, Is.EqualTo(FloatFlags.Invalid));
    }

    [Test]
    public void MinimumAndMaximumPreferNumbersAndOrderZeros()
    {
        uint flags = 0;
        Assert.That(SoftFloat.Min<Binary32>(0, NegativeZero32, ref flags), Is.EqualTo(NegativeZero32));
        Assert.That(SoftFloat.Max<Binary32>(NegativeZero32, 0, ref flags), Is.Zero);
        Assert.That(SoftFloat.Min<Binary32>(Quiet32, One32, ref flags), Is.EqualTo(One32));
        Assert.That(SoftFloat.Max<Binary32>(Quiet32, Quiet32, ref flags), Is.EqualTo(Layout<Binary32>.CanonicalNaN));
        Assert.That(flags, Is.Zero);
        Assert.That(SoftFloat.Max<Binary32>(One32, Signalling32, ref flags), Is.EqualTo(One32));
        Assert.That(flags, Is.EqualTo(FloatFlags.Invalid));
    }

    [Test]
    public void OnlyOrderedComparisonsSignalQuietNaNs()
    {
        uint flags = 0;
        Assert.That(SoftFloat.Eq<Binary32>(Quiet32, Quiet32, ref flags), Is.False);
        Assert.That(flags, Is.Zero);
        Assert.That(SoftFloat.Lt<Binary32>(Quiet32, One32, ref flags), Is.False);
        Assert.That(flags, Is.EqualTo(FloatFlags.Invalid));
        flags = 0;
        Assert.That(SoftFloat.Le<Binary32>(One32, Quiet32, ref flags), Is.False);
        Assert.That(flags, Is.EqualTo(FloatFlags.Invalid));
    }

    [TestCase(0xff80_0000u, 0)]
    [TestCase(0xff7f_ffffu, 1)]
    [TestCase(0x8000_0001u, 2)]
    [TestCase(0x8000_0000u, 3)]
    [TestCase(0x0000_0000u, 4)]
    [TestCase(0x007f_ffffu, 5)]
    [TestCase(0x0080_0000u, 6)]
    [TestCase(0x7f80_0000u, 7)]
    [TestCase(0x7f80_0001u, 8)]
    [TestCase(0xffc0_0000u, 9)]
    public void ClassIsOneBit(uint value, int bit)
        => Assert.That(SoftFloat.Classify<Binary32>(value), Is.EqualTo(1UL << bit));

    /// <summary>The manual's table of float-to-integer conversions that are out of range.</summary>
    [TestCase(0xff80_0000u, 0xffff_ffff_8000_0000u, 0u, 0x8000_0000_0000_0000u, 0u)]
    [TestCase(0x7f80_0000u, 0x7fff_ffffu, 0xffff_ffff_ffff_ffffu, 0x7fff_ffff_ffff_ffffu, 0xffff_ffff_ffff_ffffu)]
    [TestCase(0xff80_0001u, 0x7fff_ffffu, 0xffff_ffff_ffff_ffffu, 0x7fff_ffff_ffff_ffffu, 0xffff_ffff_ffff_ffffu)]
    [TestCase(0x7fc0_0000u, 0x7fff_ffffu, 0xffff_ffff_ffff_ffffu, 0x7fff_ffff_ffff_ffffu, 0xffff_ffff_ffff_ffffu)]
    public void ConversionsOutOfRangeSaturateAndNaNIsTheLargest(uint value, ulong w, ulong wu, ulong l, ulong lu)
    {
        uint flags = 0;
        Assert.That(SoftFloat.ToSigned<Binary32>(value, 32, 0, ref flags), Is.EqualTo(w));
        Assert.That(flags, Is.EqualTo(FloatFlags.Invalid));
        Assert.That(SoftFloat.ToUnsigned<Binary32>(value, 32, 0, ref flags), Is.EqualTo(wu));
        Assert.That(SoftFloat.ToSigned<Binary32>(value, 64, 0, ref flags), Is.EqualTo(l));
        Assert.That(SoftFloat.ToUnsigned<Binary32>(value, 64, 0, ref flags), Is.EqualTo(lu));
        Assert.That(flags, Is.EqualTo(FloatFlags.Invalid));
    }

    /// <summary>-0.75 is representable as an unsigned zero in some modes and out of range in the others.</summary>
    [TestCase(FloatRounding.TowardZero, FloatFlags.Inexact)]
    [TestCase(FloatRounding.Up, FloatFlags.Inexact)]
    [TestCase(FloatRounding.NearestEven, FloatFlags.Invalid)]
    [TestCase(FloatRounding.Down, FloatFlags.Invalid)]
    [TestCase(FloatRounding.NearestMaxMagnitude, FloatFlags.Invalid)]
    public void RangeIsCheckedAfterRounding(int rm, uint expected)
    {
        uint flags = 0;
        Assert.That(SoftFloat.ToUnsigned<Binary32>(0xbf40_0000, 32, rm, ref flags), Is.Zero);
        Assert.That(flags, Is.EqualTo(expected));
    }

    [Test]
    public void TininessIsDetectedAfterRounding()
    {
        // The smallest normal number less an eighth of the smallest subnormal: with an unbounded exponent it would
        // round up to the smallest normal number, so it is inexact but not tiny.
        const ulong largestBelowOne = One64 - 1;
        uint flags = 0;
        ulong result = SoftFloat.MulAdd<Binary64>(0x3fc0_0000_0000_0000, 0x8000_0000_0000_0001, SmallestNormal64, 0, ref flags);
        Assert.That(result, Is.EqualTo(SmallestNormal64));
        Assert.That(flags, Is.EqualTo(FloatFlags.Inexact));

        // Less a half of it, the number has 53 bits of its own: it is tiny, though the result is the same.
        flags = 0;
        result = SoftFloat.Mul<Binary64>(SmallestNormal64, largestBelowOne, 0, ref flags);
        Assert.That(result, Is.EqualTo(SmallestNormal64));
        Assert.That(flags, Is.EqualTo(FloatFlags.Inexact | FloatFlags.Underflow));
    }

    [TestCase(FloatRounding.NearestEven, 0x7ff0_0000_0000_0000u)]
    [TestCase(FloatRounding.TowardZero, 0x7fef_ffff_ffff_ffffu)]
    [TestCase(FloatRounding.Down, 0x7fef_ffff_ffff_ffffu)]
    [TestCase(FloatRounding.Up, 0x7ff0_0000_0000_0000u)]
    [TestCase(FloatRounding.NearestMaxMagnitude, 0x7ff0_0000_0000_0000u)]
    public void OverflowIsInfinityOrTheLargestNumber(int rm, ulong expected)
    {
        uint flags = 0;
        Assert.That(SoftFloat.Mul<Binary64>(0x7fe0_0000_0000_0000, 0x4010_0000_0000_0000, rm, ref flags), Is.EqualTo(expected));
        Assert.That(flags, Is.EqualTo(FloatFlags.Overflow | FloatFlags.Inexact));
    }

    [Test]
    public void NarrowValuesLiveInBoxes()
    {
        Assert.That(SoftFloat.Box<Binary32>(One32), Is.EqualTo(0xffff_ffff_3f80_0000));
        Assert.That(SoftFloat.Unbox<Binary32>(0xffff_ffff_3f80_0000), Is.EqualTo(One32));
        Assert.That(SoftFloat.Unbox<Binary32>(One64), Is.EqualTo(Layout<Binary32>.CanonicalNaN));
        Assert.That(SoftFloat.Unbox<Binary32>(0xffff_fffe_3f80_0000), Is.EqualTo(Layout<Binary32>.CanonicalNaN));
    }
}
