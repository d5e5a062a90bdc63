using RvJit.Monitor;
using RvJit.Translator;

namespace RvJit.Tests.Keystone.Attacks;

/// <summary>How an attack ended.</summary>
public enum AttackOutcome
{
    /// <summary>It got what it must not get.</summary>
    Breached,

    /// <summary>It was refused, or found nothing.</summary>
    Stopped,
}

/// <summary>One row of docs/security.md, and the test that holds it.</summary>
/// <param name="Id">Number of the row.</param>
/// <param name="Title">What the attacker does.</param>
/// <param name="Weakness">What makes it succeed: a weakness of unmodified Keystone, or what an unprotected program leaves out.</param>
/// <param name="Defence">What stops it in the hardened model.</param>
/// <param name="Program">The attacking program, for the table: what to type.</param>
/// <param name="Run">Makes the attack.</param>
public sealed record Attack(
    string Id, string Title, string Weakness, string Defence, string Program, Func<Tier, SecurityModel, AttackOutcome> Run)
{
    /// <summary>A line of the table.</summary>
    public string Row => $"| {Id} | {Title} | {Weakness} | {Defence} | `{Program}` |";

    public override string ToString() => $"{Id} {Program}";
}
