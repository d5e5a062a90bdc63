using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>What every refusal of rvjit looks like.</summary>
public static class OneLine
{
    public const int BadInput = 2;

    public static void Assert(RvJitResult result, string expected)
    {
        NUnit.Framework.Assert.Multiple(() =>
        {
            NUnit.Framework.Assert.That(result.ExitCode, Is.EqualTo(BadInput), result.ToString());
            NUnit.Framework.Assert.That(result.Output, Is.Empty);
            NUnit.Framework.Assert.That(result.ErrorLines, Has.Length.EqualTo(1), result.ToString());
            NUnit.Framework.Assert.That(result.Error, Does.StartWith("rvjit: error: "));
            NUnit.Framework.Assert.That(result.Error, Does.Contain(expected));
            NUnit.Framework.Assert.That(result.Error, Does.Not.Contain("   at ").And.Not.Contain("Exception"));
        });
    }
}
