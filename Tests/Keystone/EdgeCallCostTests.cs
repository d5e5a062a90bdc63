using NUnit.Framework;
using RvJit.Tests.Linux;
using RvJit.Tests.Support;

namespace RvJit.Tests.Keystone;

/// <summary>
/// Guest instructions of one asynchronous call on both sides, without waiting, as <c>aec-plain cost</c> counts them. The
/// number depends on the compiler that built the program, not on the machine that runs it.
/// </summary>
public sealed class EdgeCallCostTests
{
    [TestCase(0, 1, 230)]
    [TestCase(0, 32, 197)]
    [TestCase(24, 1, 269)]
    [TestCase(64, 1, 335)]
    [TestCase(64, 32, 299)]
    public void ACallCostsNoMoreThanItDid(int payload, int batch, int instructions)
    {
        RvJitResult result = RvJitProcess.Run("run", "--exact-instret", GuestProgram.Prebuilt("aec-plain"), "cost", $"{payload}", $"{batch}");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        string call = result.Output.Split('\n').Single(l => l.StartsWith("call=", StringComparison.Ordinal));
        Assert.That(int.Parse(call["call=".Length..], System.Globalization.CultureInfo.InvariantCulture), Is.LessThanOrEqualTo(instructions));
    }
}
