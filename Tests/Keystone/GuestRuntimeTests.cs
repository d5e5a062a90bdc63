using NUnit.Framework;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Keystone;

/// <summary>
/// Enclaves whose loader and runtime are guest code in S-mode, under the native monitor: those of the repository, which
/// do what Keystone's own do.
/// </summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed class GuestRuntimeTests(Tier tier)
{
    [Test]
    public void EveryNullOcallTakesEightTransitions()
    {
        KeystoneResult result = Run("host-runner", "--arg", "1000", "--retval", "1000", "eapp-null-ocalls", "runtime.elf", "loader.bin");
        Assert.Multiple(() =>
        {
            Assert.That(result.Status.ShellCode, Is.Zero, result.Console);
            Assert.That(result.EdgeCalls.Count, Is.EqualTo(1002));
            Assert.That(result.EdgeCalls.Completed, Is.EqualTo(1002));
            Assert.That(result.EdgeCalls.MinimumTransitions, Is.EqualTo(8));
            Assert.That(result.EdgeCalls.MaximumTransitions, Is.EqualTo(8));
            Assert.That(result.EdgeCalls.ByCall.Select(c => (c.Key, c.Value)), Is.EqualTo(new[] { (5UL, 1000L), (7UL, 2L) }));
            Assert.That(result.Left, Is.Empty, "every enclave was destroyed");
        });
    }

    /// <summary>Paging, page-table rights and the runtime's checks stop what the native runtime stops.</summary>
    [Test]
    public void AttacksEndAsUnderTheNativeRuntime()
    {
        KeystoneResult result = Run("host-attack", "all", "eapp-probe", "runtime.elf", "loader.bin");
        Assert.That(result.Output, Is.EqualTo(Expected("attack")), result.Console);
        Assert.That(result.Left, Is.Empty, "every enclave was destroyed");
    }

    /// <summary>S-mode of an enclave gets no further than its PMP, and a timer takes the hart from it.</summary>
    [Test]
    public void ASupervisorThatAttacksIsConfined()
    {
        KeystoneResult result = Run("host-interrupts", "eapp-hello", "runtime.elf", "loader-probe.bin");
        Assert.That(result.Console, Is.EqualTo(Expected("supervisor")));
        Assert.That(result.Output, Is.EqualTo("enclave returned 0\n"));
    }

    private static string Expected(string name) => File.ReadAllText(Repository.PathOf("Guest", "Programs", "keystone", name + ".expected"));

    private KeystoneResult Run(string program, params string[] arguments) =>
        KeystoneProgram.Prebuilt(program, arguments, tier, guestRuntime: true).Run();
}
