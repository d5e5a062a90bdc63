using NUnit.Framework;
using RvJit.Translator;

namespace RvJit.Tests.UserInterrupts;

/// <summary>
/// A user interrupt at every instruction boundary of an edge call (SmashEx): whatever the boundary, the outcome is that of
/// the run without, and the handler ran once.
/// </summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed class EveryBoundaryTests(Tier tier)
{
    [Test]
    public void ChangesNothingAtAnyBoundary()
    {
        using var call = new InterruptedEdgeCall(tier, ownStack: true);
        InterruptedEdgeCall.Outcome without = call.Run(injectAfter: null, out ulong instructions)!.Value;
        Assert.That(without.Handled, Is.Zero);
        Assert.That(without.Cell, Is.EqualTo(InterruptedEdgeCall.Loops));

        for (ulong boundary = 0; boundary < instructions; boundary++)
        {
            InterruptedEdgeCall.Outcome? with = call.Run(boundary, out _);
            Assert.That(with?.Handled, Is.EqualTo(1UL << 4), $"once, at boundary {boundary}");
            Assert.That(with!.Value with { Handled = 0 }, Is.EqualTo(without), $"at boundary {boundary}");
        }
    }
}
