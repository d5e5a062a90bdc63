using NUnit.Framework;
using RvJit.Monitor;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Keystone.Attacks;

/// <summary>Each attack succeeds on stock Keystone and is stopped by the hardened one, in both tiers; docs/security.md says the same.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[Parallelizable(ParallelScope.All)]
public sealed class AttackTests(Tier tier)
{
    [TestCaseSource(typeof(AttackList), nameof(AttackList.All))]
    public void SucceedsOnStock(Attack attack) =>
        Assert.That(attack.Run(tier, SecurityModel.Stock), Is.EqualTo(AttackOutcome.Breached));

    [TestCaseSource(typeof(AttackList), nameof(AttackList.All))]
    public void IsStoppedByTheHardenedModel(Attack attack) =>
        Assert.That(attack.Run(tier, SecurityModel.Hardened), Is.EqualTo(AttackOutcome.Stopped));
}

/// <summary>The table of docs/security.md is that of the code.</summary>
public class SecurityDocumentTests
{
    [Test]
    public void TheTableIsTheList()
    {
        string[] written = [.. File.ReadLines(Repository.PathOf("docs", "security.md")).Where(line => line.StartsWith("| A", StringComparison.Ordinal))];
        Assert.That(written, Is.EqualTo(AttackList.All.Select(attack => attack.Row)));
    }

    [Test]
    public void IdsAreUnique() => Assert.That(AttackList.All.Select(attack => attack.Id), Is.Unique);
}
