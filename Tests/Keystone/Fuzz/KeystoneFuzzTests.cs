using NUnit.Framework;
using RvJit.Monitor;

namespace RvJit.Tests.Keystone.Fuzz;

/// <summary>
/// A million inputs at each build; more with RVJIT_FUZZ_INPUTS=N, which also takes new seeds. A seed that found something
/// stays here as a case.
/// </summary>
public class KeystoneFuzzTests
{
    private const int InputsPerCheck = 2000;
    private static readonly TimeSpan _hung = TimeSpan.FromMinutes(10);
    private static readonly long _more = long.Parse(Environment.GetEnvironmentVariable("RVJIT_FUZZ_INPUTS") ?? "0");

    [TestCase(1, 350_000)]
    [TestCase(2, 350_000)]
    [TestCase(3, 300_000)]
    public void NothingBreaks(int seed, long inputs)
    {
        if (_more != 0)
            (seed, inputs) = (Environment.TickCount + seed, _more);
        TestContext.Out.WriteLine($"seed {seed}, {inputs} inputs");
        long at = 0;
        var work = Task.Run(() =>
        {
            using var fuzzer = new KeystoneFuzzer(seed, SecurityModel.Hardened);
            for (; at < inputs; at++)
            {
                fuzzer.Step();
                if (at % InputsPerCheck == 0)
                    Assert.That(fuzzer.CheckGuards(), Is.Null, $"seed {seed}, input {at}");
            }

            Assert.That(fuzzer.CheckGuards(), Is.Null);
            Assert.That(fuzzer.Entered, Is.GreaterThan(inputs / 100), "enclaves ran");
        });
        try
        {
            Assert.That(work.Wait(_hung), Is.True, $"seed {seed} hangs at input {at}");
        }
        catch (AggregateException error)
        {
            Assert.Fail($"seed {seed}, input {at}: {error.InnerException}");
        }
    }
}
