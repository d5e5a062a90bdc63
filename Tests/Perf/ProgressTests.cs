using NUnit.Framework;
using RvJit.Perf.Compare;

namespace RvJit.Tests.Perf;

/// <summary>Progress is for eyes only: what is redirected stays clean.</summary>
public class ProgressTests
{
    [TestCase(true, "\r\u001b[K3 of 36: fib, round 0 of 5, qemu\r\u001b[K")]
    [TestCase(false, "")]
    public void IsOneLineOfATerminal(bool isTerminal, string expected)
    {
        var text = new StringWriter();
        var progress = new Progress(text, isTerminal, programs: 36, rounds: 5);

        progress.Show(2, "fib", 0, "qemu");
        progress.Clear();

        Assert.That(text.ToString(), Is.EqualTo(expected));
    }
}
