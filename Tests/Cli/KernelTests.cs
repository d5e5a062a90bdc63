using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>
/// A supervisor without firmware under it: every SBI call it makes, on one hart and between two. The expected output was
/// recorded under qemu-system-riscv64 with OpenSBI 1.6.
/// </summary>
[Parallelizable(ParallelScope.All)]
public sealed class KernelTests
{
    [Test]
    public void TheNativeSbiServesASupervisor([Values("auto", "interp", "jit")] string tier, [Values("max", "rv64gc_zicntr")] string isa)
    {
        RvJitResult result = RvJitProcess.Run(
            "machine", "--kernel", GuestPrograms.PathOf("kernel-sbi"), "--harts", "2", "--tier", tier, "--isa", isa, "--timeout", "60");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(
            result.Output.ReplaceLineEndings("\n"),
            Is.EqualTo(File.ReadAllText(Repository.PathOf("Guest", "Programs", "kernel", "sbi.expected"))));
    }

    [Test]
    public void AKernelOutsideRamIsRefused()
    {
        RvJitResult result = RvJitProcess.Run("machine", "--kernel", GuestPrograms.PathOf("hello"));
        OneLine.Assert(result, "outside RAM");
    }
}
