using NUnit.Framework;
using RvJit.Machine;
using RvJit.Machine.Devices;

namespace RvJit.Tests.Machine.Devices;

/// <summary>The rules of the PLIC specification: gateways, priorities, thresholds, claim and completion.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class PlicTests
{
    private const ulong Pending = 0x1000;
    private const ulong Enable = 0x2000;
    private const ulong EnableStride = 0x80;
    private const ulong Threshold = 0x20_0000;
    private const ulong Claim = 0x20_0004;
    private const ulong ContextStride = 0x1000;

    private readonly RecordedLines[] _harts = [new(), new()];
    private readonly Plic _plic;

    public PlicTests()
    {
        _plic = new Plic(_harts);
        foreach (uint source in (uint[])[3, 5, 40])
            _plic.Write(4 * source, 1);
        _plic.Write(Enable, 1 << 3 | 1 << 5);
        _plic.Write(Enable + 4, 1 << 8);
    }

    private bool External => _harts[0][InterruptBit.MachineExternal];

    [Test]
    public void AHighLineIsPendingUntilItIsClaimed()
    {
        _plic.Line(3).Set(true);
        Assert.That(External, Is.True);
        Assert.That(_plic.Read(Pending), Is.EqualTo(1 << 3));

        Assert.That(_plic.Read(Claim), Is.EqualTo(3));

        Assert.That(External, Is.False);
        Assert.That(_plic.Read(Pending), Is.Zero);
        Assert.That(_plic.Read(Claim), Is.Zero);
    }

    [Test]
    public void ALineThatIsStillHighComesAgainAfterCompletionOnly()
    {
        _plic.Line(3).Set(true);
        _plic.Read(Claim);
        _plic.Line(3).Set(false);
        _plic.Line(3).Set(true);
        Assert.That(External, Is.False, "in service");

        _plic.Write(Claim, 3);

        Assert.That(External, Is.True);
        Assert.That(_plic.Read(Claim), Is.EqualTo(3));
    }

    [Test]
    public void ALineThatHasFallenDoesNotComeAgain()
    {
        _plic.Line(3).Set(true);
        _plic.Read(Claim);
        _plic.Line(3).Set(false);
        _plic.Write(Claim, 3);

        Assert.That(External, Is.False);
    }

    [Test]
    public void ARequestThatTheGatewayPassedOnStaysWhenTheLineFalls()
    {
        _plic.Line(3).Set(true);
        _plic.Line(3).Set(false);

        Assert.That(_plic.Read(Claim), Is.EqualTo(3));
    }

    [Test]
    public void TheHighestPriorityIsClaimedFirstAndTheLowestNumberAmongEquals()
    {
        _plic.Write(4 * 40, 2);
        foreach (int source in (int[])[5, 3, 40])
            _plic.Line(source).Set(true);

        Assert.That(new[] { _plic.Read(Claim), _plic.Read(Claim), _plic.Read(Claim), _plic.Read(Claim) }, Is.EqualTo((ulong[])[40, 3, 5, 0]));
    }

    [Test]
    public void PriorityZeroNeverInterrupts()
    {
        _plic.Write(4 * 3, 0);
        _plic.Line(3).Set(true);

        Assert.That(External, Is.False);
        Assert.That(_plic.Read(Claim), Is.Zero);
        Assert.That(_plic.Read(Pending), Is.EqualTo(1 << 3));
    }

    [Test]
    public void TheThresholdHidesEqualAndLowerPrioritiesButNotFromClaims()
    {
        _plic.Write(Threshold, 1);
        _plic.Line(3).Set(true);
        Assert.That(External, Is.False);

        Assert.That(_plic.Read(Claim), Is.EqualTo(3));
        _plic.Write(Claim, 3);
        _plic.Write(4 * 3, 2);
        Assert.That(External, Is.True);
    }

    [Test]
    public void CompletionOfAnInterruptThatIsNotEnabledIsIgnored()
    {
        _plic.Line(3).Set(true);
        _plic.Read(Claim);
        _plic.Write(Enable, 1 << 5);
        _plic.Write(Claim, 3);
        _plic.Write(Enable, 1 << 3 | 1 << 5);
        Assert.That(External, Is.False, "the completion came while source 3 was not enabled");

        _plic.Write(Claim, 3);
        Assert.That(External, Is.True);
    }

    [TestCase(0UL)]
    [TestCase(96UL)]
    [TestCase(0xFFFF_FFFFUL)]
    public void CompletionOfASourceThatDoesNotExistIsIgnored(ulong source)
    {
        _plic.Line(3).Set(true);
        _plic.Read(Claim);

        _plic.Write(Claim, source);

        Assert.That(External, Is.False);
    }

    [Test]
    public void ContextsAreMachineAndSupervisorModeOfEachHart()
    {
        _plic.Write(Enable, 0);
        _plic.Write(Enable + (3 * EnableStride), 1 << 3);
        _plic.Line(3).Set(true);

        Assert.That(_harts[1][InterruptBit.SupervisorExternal], Is.True);
        Assert.That(_harts[1][InterruptBit.MachineExternal] || External || _harts[0][InterruptBit.SupervisorExternal], Is.False);
        Assert.That(_plic.Read(Claim), Is.Zero);
        Assert.That(_plic.Read(Claim + (3 * ContextStride)), Is.EqualTo(3));
    }

    [Test]
    public void AnInterruptForTwoContextsIsClaimedByOne()
    {
        _plic.Write(Enable + EnableStride, 1 << 3);
        _plic.Line(3).Set(true);
        Assert.That(_harts[0][InterruptBit.SupervisorExternal], Is.True);

        Assert.That(_plic.Read(Claim + ContextStride), Is.EqualTo(3));
        Assert.That(External, Is.False);
        Assert.That(_plic.Read(Claim), Is.Zero);
    }

    [Test]
    public void RegistersKeepOnlyTheBitsThatExist()
    {
        _plic.Write(0, 7);
        _plic.Write(4 * 3, 0xFFFF_FFFF);
        _plic.Write(Threshold, 0xFFFF_FFFF);
        _plic.Write(Enable, 0xFFFF_FFFF);
        _plic.Write(Enable + 12, 0xFFFF_FFFF);
        _plic.Write(Pending, 0xFFFF_FFFF);

        Assert.Multiple(() =>
        {
            Assert.That(_plic.Read(0), Is.Zero, "there is no source 0");
            Assert.That(_plic.Read(4 * 3), Is.EqualTo(7));
            Assert.That(_plic.Read(Threshold), Is.EqualTo(7));
            Assert.That(_plic.Read(Enable), Is.EqualTo(0xFFFF_FFFE));
            Assert.That(_plic.Read(Enable + 12), Is.Zero, "sources from 96 on");
            Assert.That(_plic.Read(Pending), Is.Zero);
        });
    }

    [TestCase(0UL, 1)]
    [TestCase(0UL, 8)]
    [TestCase(2UL, 4)]
    public void OnlyWholeWordsAreAccessible(ulong offset, int bytes)
    {
        Assert.That(_plic.TryRead(offset, bytes, out _), Is.False);
        Assert.That(_plic.TryWrite(offset, bytes, 0), Is.False);
    }
}
