using NUnit.Framework;
using RvJit.Tests.Linux;
using RvJit.Tests.Support;

namespace RvJit.Tests.Keystone;

/// <summary>One hart for both sides, and an eapp that looks for its answer and never waits: the timer gives the host its turn.</summary>
[TestFixture("interp", "native")]
[TestFixture("jit", "native")]
[TestFixture("interp", "guest")]
[TestFixture("jit", "guest", Category = "Slow")]
public sealed class OneHartTickTests(string tier, string runtime)
{
    [Test]
    public void ThePollingEappIsAnsweredAtATick()
    {
        RvJitResult result = RvJitProcess.Run(
            "run", "--tier", tier, "--runtime", runtime, "--tick", "5", GuestProgram.Prebuilt("host-async"), GuestProgram.Prebuilt("eapp-async"),
            GuestProgram.Prebuilt("runtime.elf"), GuestProgram.Prebuilt("loader.bin"), "one");
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Is.EqualTo(File.ReadAllText(Repository.PathOf("Guest", "Programs", "edgecalls", "async.expected"))));
    }
}
