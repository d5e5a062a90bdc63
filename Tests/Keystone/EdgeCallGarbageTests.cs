using NUnit.Framework;
using RvJit.Monitor.EdgeCalls;
using RvJit.Monitor.EdgeCalls.Host;
using RvJit.Translator;

namespace RvJit.Tests.Keystone;

/// <summary>Alone in the process, because what the whole process allocates is counted.</summary>
[NonParallelizable]
public sealed class EdgeCallGarbageTests
{
    [Test]
    public async Task ACallInSteadyStateAllocatesNothing()
    {
        const int Calls = 400, Attempts = 200, ObjectBytes = 24;
        using HostedEnclave enclave = HostedEnclave.Serving(Tier.Interp, HostedEnclave.Poll, cost: 0, out EdgeCallHost host);
        byte[] argument = new byte[100], result = new byte[100];
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= ObjectBytes; attempt++) // until the code is optimised; before, it boxes
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await CallOften(host, argument, result, Calls);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / Calls);
        }

        Assert.That(least, Is.LessThan(ObjectBytes), "bytes a call; the smallest object has as many");
        Assert.That(await enclave.Finish(), Is.Zero);
    }

    private static async Task CallOften(EdgeCallHost host, byte[] argument, byte[] result, int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            EdgeCallAnswer answer = await host.CallAsync(HostedEnclave.Work, argument, result).ConfigureAwait(false);
            if (answer.Status != AecStatus.Ok)
                throw new InvalidOperationException($"{answer}");
        }
    }
}
