using NUnit.Framework;
using RvJit.Machine;

namespace RvJit.Tests.Machine;

/// <summary>Looking before sleeping: what comes at once is seen, and nobody looks for ever.</summary>
public sealed class ShortWaitTests
{
    private int _looks;

    [SetUp]
    public void NobodyLooked() => _looks = 0;

    [Test]
    public void WhatIsThereIsSeenAtTheFirstLook()
    {
        Assert.That(ShortWait.ComesTrue(this, static test => ++test._looks > 0), Is.True);
        Assert.That(_looks, Is.EqualTo(1));
    }

    [Test]
    public void WhatComesSoonIsSeen()
    {
        Assume.That(Environment.ProcessorCount, Is.GreaterThan(1));
        Assert.That(ShortWait.ComesTrue(this, static test => ++test._looks == 3), Is.True);
        Assert.That(_looks, Is.EqualTo(3));
    }

    [Test]
    public void WhatNeverComesIsGivenUp() => Assert.That(ShortWait.ComesTrue(this, static test => ++test._looks < 0), Is.False);
}
