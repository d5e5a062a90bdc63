using System.Text;
using NUnit.Framework;
using RvJit.Monitor.EdgeCalls;
using RvJit.Monitor.EdgeCalls.Host;
using RvJit.Translator;

namespace RvJit.Tests.Keystone;

/// <summary>Asynchronous edge calls with a host in C#: services answer the enclave's calls, tasks await the enclave's answers.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[Parallelizable(ParallelScope.Self)]
public sealed class EdgeCallHostTests(Tier tier)
{
    [Test]
    public void AServiceAnswers()
    {
        using var enclave = new HostedEnclave("eapp-async", tier, host => host.Register(0, static (ref EdgeCallRequest request) =>
        {
            string text = Encoding.ASCII.GetString(request.Argument).ToUpperInvariant();
            request.ResultLength = Encoding.ASCII.GetBytes(text, request.Result);
            return AecStatus.Ok;
        }));
        Assert.That(enclave.Result, Is.EqualTo(42), enclave.Output);
        Assert.That(enclave.Output, Is.EqualTo("Enclave said: HELLO FROM THE ENCLAVE, WITHOUT A TRAP\n"));
    }

    [TestCase(HostedEnclave.Poll, 24, 1)]
    [TestCase(HostedEnclave.Adaptive, 5000, 16)]
    public void EveryCallOfTheEnclaveIsServedOnce(ulong backend, int payload, int batch)
    {
        const int Calls = 300;
        int served = 0, wrong = 0;
        using var enclave = HostedEnclave.Calling(tier, backend, Calls, payload, batch, host => host.Register(HostedEnclave.Work, (ref EdgeCallRequest request) =>
        {
            served++;
            wrong += request.Argument.Length == payload && request.Result.Length == payload ? 0 : 1;
            request.Argument.CopyTo(request.Result);
            (request.ResultLength, request.Value) = (payload, (ulong)payload);
            return AecStatus.Ok;
        }, maximumArgument: 5000, maximumResult: 5000), out Func<ulong[]> report);
        Assert.That(enclave.Result, Is.Zero, enclave.Output);
        Assert.That((report()[0], report()[1]), Is.EqualTo(((ulong)Calls, 0UL)));
        Assert.That((served, wrong), Is.EqualTo((Calls, 0)));
    }

    [Test]
    public async Task SixtyFourCallsAreUnderWayAtOnce()
    {
        const int Rounds = 4, AtOnce = 64;
        var random = new Random(1);
        using HostedEnclave enclave = HostedEnclave.Serving(tier, HostedEnclave.Adaptive, cost: 0, out EdgeCallHost host);
        for (int round = 0; round < Rounds; round++)
        {
            byte[][] arguments = [.. Enumerable.Range(0, AtOnce).Select(i => new byte[i * 7 % 301])];
            byte[][] results = [.. arguments.Select(argument => new byte[argument.Length])];
            foreach (byte[] argument in arguments)
                random.NextBytes(argument);
            EdgeCallAnswer[] answers = await Task.WhenAll(arguments.Select((argument, i) => host.CallAsync(HostedEnclave.Work, argument, results[i]).AsTask())).WaitAsync(HostedEnclave.Long);
            Assert.That(answers, Is.EqualTo(arguments.Select(argument => new EdgeCallAnswer(AecStatus.Ok, argument.Length, (ulong)argument.Length))));
            Assert.That(results, Is.EqualTo(arguments));
        }

        const int MoreThanTheRingHolds = 300;
        EdgeCallAnswer[] all = await Task.WhenAll(Enumerable.Range(0, MoreThanTheRingHolds)
            .Select(i => Task.Run(async () => await host.CallAsync(HostedEnclave.Work, new byte[i % 50])))).WaitAsync(HostedEnclave.Long);
        Assert.That(all.Select(answer => (answer.Status, answer.Value)), Is.EqualTo(Enumerable.Range(0, MoreThanTheRingHolds).Select(i => (AecStatus.Ok, (ulong)(i % 50)))));
        Assert.That(await enclave.Finish(), Is.Zero);
        Assert.That((await host.CallAsync(HostedEnclave.Work, default)).Status, Is.EqualTo(AecStatus.Gone), "its region is over");
    }
}
