using NUnit.Framework;
using RvJit.Perf.Compare;

namespace RvJit.Tests.Perf;

/// <summary>The arithmetic of the harness: what it says of samples whose answer is known.</summary>
public class StatisticsTests
{
    [TestCase(new double[] { 7 }, 7)]
    [TestCase(new double[] { 3, 1, 2 }, 2)]
    [TestCase(new double[] { 4, 1, 3, 2 }, 2.5)]
    [TestCase(new double[] { 1, 1, 1, 1, 1000 }, 1)]
    public void MedianIsTheMiddle(double[] values, double expected) =>
        Assert.That(Statistics.Median(values), Is.EqualTo(expected));

    [Test]
    public void ThereIsNoMedianOfNothing() =>
        Assert.That(() => Statistics.Median([]), Throws.ArgumentException);

    [TestCase(new double[] { 3 }, 3)]
    [TestCase(new double[] { 2, 8 }, 4)]
    [TestCase(new double[] { 0.5, 2 }, 1)]
    [TestCase(new double[] { 1, 10, 100 }, 10)]
    public void GeometricMeanIsTheRootOfTheProduct(double[] values, double expected) =>
        Assert.That(Statistics.GeometricMean(values), Is.EqualTo(expected).Within(1e-12));

    [Test]
    public void GeometricMeanOfNothingIsNotOne() => Assert.That(Statistics.GeometricMean([]), Is.Null);

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void WhatIsNoRatioIsRefused(double value) =>
        Assert.That(() => Statistics.GeometricMean([1, value]), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase(new double[] { 2, 2, 2 }, 0)]
    [TestCase(new double[] { 9, 10, 12 }, 0.3)]
    [TestCase(new double[] { 0, 0 }, 0)]
    public void SpreadIsPartOfTheMedian(double[] values, double expected) =>
        Assert.That(Statistics.Spread(values), Is.EqualTo(expected).Within(1e-12));
}
