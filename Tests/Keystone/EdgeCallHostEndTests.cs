using NUnit.Framework;
using RvJit.Monitor.EdgeCalls;
using RvJit.Monitor.EdgeCalls.Host;
using RvJit.Translator;

namespace RvJit.Tests.Keystone;

/// <summary>The other ways in which calls between an enclave and a host in C# end: refused, cancelled, too late, torn down, thrown.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Auto)]
[Parallelizable(ParallelScope.Self)]
public sealed class EdgeCallHostEndTests(Tier tier)
{
    [Test]
    public async Task WhatTheTableDoesNotHaveIsRefused()
    {
        using HostedEnclave enclave = HostedEnclave.Serving(tier, HostedEnclave.Poll, cost: 0, out EdgeCallHost host);
        Assert.That((await host.CallAsync(200, default)).Status, Is.EqualTo(AecStatus.NoFunction));
        Assert.That((await host.CallAsync(HostedEnclave.Work, new byte[9], new byte[4])).Length, Is.EqualTo(4), "the function gives what fits");
        Assert.That((await host.CallAsync(HostedEnclave.Work, new byte[AecAbi.MaximumPayload + 1])).Status, Is.EqualTo(AecStatus.TooBig));
        Assert.That((await host.CallAsync(HostedEnclave.Work, new byte[AecAbi.MaximumPayload])).Status, Is.EqualTo(AecStatus.TooBig), "the zone has no such room");
        Assert.That(await enclave.Finish(), Is.Zero);
    }

    /// <summary>Before the enclave attaches nobody can have started a call.</summary>
    [Test]
    public async Task CallsThatAreNotStartedEndAtOnce()
    {
        Task<EdgeCallAnswer>? cancelled = null, late = null;
        using var source = new CancellationTokenSource();
        using HostedEnclave enclave = HostedEnclave.Serving(tier, HostedEnclave.Adaptive, cost: 0, out EdgeCallHost host, host =>
        {
            cancelled = host.CallAsync(HostedEnclave.Work, new byte[40], cancellation: source.Token).AsTask();
            source.Cancel();
            late = host.CallAsync(HostedEnclave.Work, new byte[40], timeout: TimeSpan.FromTicks(1)).AsTask();
        });
        Assert.That(async () => await cancelled!.WaitAsync(HostedEnclave.Long), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await late!.WaitAsync(HostedEnclave.Long)).Status, Is.EqualTo(AecStatus.Timeout));
        Assert.That(async () => await host.CallAsync(HostedEnclave.Work, default, cancellation: source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await enclave.Finish(), Is.Zero);
    }

    /// <summary>Each call of a busy enclave ends once, whether the answer, the cancellation or the clock was first.</summary>
    [Test]
    public async Task CancellationAndTimeRaceTheAnswer()
    {
        using HostedEnclave enclave = HostedEnclave.Serving(tier, HostedEnclave.Adaptive, cost: 2000, out EdgeCallHost host);
        for (int round = 0; round < 4; round++)
        {
            using var source = new CancellationTokenSource();
            Task<EdgeCallAnswer>[] calls =
            [
                .. Enumerable.Range(0, 60).Select(i => host.CallAsync(HostedEnclave.Work, new byte[64], new byte[64],
                    i % 3 == 0 ? TimeSpan.FromMicroseconds(50 * i) : null, i % 3 == 1 ? source.Token : default).AsTask()),
            ];
            await calls[2].WaitAsync(HostedEnclave.Long);
            source.Cancel();
            await Task.WhenAll(calls).WaitAsync(HostedEnclave.Long).ContinueWith(static _ => { }, TaskScheduler.Default);
            for (int i = 0; i < calls.Length; i++)
            {
                if (calls[i].IsCanceled)
                    Assert.That(i % 3, Is.EqualTo(1));
                else
                    Assert.That(calls[i].Result.Status, Is.EqualTo(AecStatus.Ok).Or.EqualTo(i % 3 == 0 ? AecStatus.Timeout : AecStatus.Ok));
            }
        }

        byte[] result = new byte[3];
        Assert.That(await host.CallAsync(HostedEnclave.Work, new byte[] { 1, 2, 3 }, result), Is.EqualTo(new EdgeCallAnswer(AecStatus.Ok, 3, 3)), "it still works");
        Assert.That(await enclave.Finish(), Is.Zero);
    }

    /// <summary>The enclave is in a handler that does not end.</summary>
    [TestCase(false, false)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    [TestCase(true, true)]
    public async Task TheEndOfTheRegionEndsEveryCall(bool destroyed, bool guestRuntime)
    {
        using HostedEnclave enclave = HostedEnclave.Serving(tier, HostedEnclave.Poll, cost: 1UL << 40, out EdgeCallHost host, guestRuntime: guestRuntime);
        Task<EdgeCallAnswer>[] calls = [.. Enumerable.Range(0, 64).Select(_ => host.CallAsync(HostedEnclave.Work, new byte[64]).AsTask())];
        if (destroyed)
            enclave.End();
        else
            enclave.TearDownEdgeCalls();
        EdgeCallAnswer[] answers = await Task.WhenAll(calls).WaitAsync(HostedEnclave.Long);
        Assert.That(answers.Select(answer => answer.Status), Is.All.EqualTo(AecStatus.Gone));
        Assert.That((await host.CallAsync(HostedEnclave.Work, default)).Status, Is.EqualTo(AecStatus.Gone));
    }

    /// <summary>Whatever stands in the enclave's half, calls end and the host's side lives on; the enclave's own copy of the truth suffers, too.</summary>
    [Test]
    public async Task AnEnclaveThatScribblesHarmsNobody()
    {
        var random = new Random(5);
        using HostedEnclave enclave = HostedEnclave.Serving(tier, HostedEnclave.Poll, cost: 0, out EdgeCallHost host);
        Assert.That((await host.CallAsync(HostedEnclave.Work, new byte[64], new byte[64])).Status, Is.EqualTo(AecStatus.Ok));
        for (int round = 0; round < 20; round++)
        {
            Task<EdgeCallAnswer>[] calls =
            [
                .. Enumerable.Range(0, 30).Select(_ => host.CallAsync(HostedEnclave.Work, new byte[64], new byte[64], TimeSpan.FromMilliseconds(20)).AsTask()),
            ];
            for (int i = 0; i < 200; i++)
                Scribble(enclave, random);
            EdgeCallAnswer[] answers = await Task.WhenAll(calls).WaitAsync(HostedEnclave.Long);
            Assert.That(answers.Select(answer => answer.Length), Is.All.InRange(0, 64));
            Assert.That(answers.Select(answer => (int)answer.Status), Is.All.LessThanOrEqualTo(0));
        }

        enclave.End();
        Assert.That((await host.CallAsync(HostedEnclave.Work, default)).Status, Is.EqualTo(AecStatus.Gone).Or.EqualTo(AecStatus.Ring));
    }

    /// <summary>Indices, wishes and entries of the lanes, which lie behind the header's page.</summary>
    private static void Scribble(HostedEnclave enclave, Random random)
    {
        const int Header = 4096, Lanes = 8192;
        int at = Header + (random.Next(Lanes / sizeof(uint)) * sizeof(uint));
        uint value = random.Next(3) switch
        {
            0 => (uint)random.Next(100),
            1 => uint.MaxValue - (uint)random.Next(100),
            _ => (uint)random.NextInt64(),
        };
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(enclave.EnclaveHalf()[at..], value);
    }

    [Test]
    public void AServiceThatThrowsIsReported()
    {
        Exception? seen = null;
        using var enclave = HostedEnclave.Calling(tier, HostedEnclave.Poll, calls: 1, payload: 8, batch: 1, host =>
        {
            host.Register(HostedEnclave.Work, (ref EdgeCallRequest _) => throw new InvalidOperationException("no more"));
            host.ServiceFailed += error => seen = error;
        }, out Func<ulong[]> report);
        Assert.That(enclave.Result, Is.Zero, enclave.Output);
        Assert.That((long)report()[2], Is.EqualTo((long)AecStatus.Invalid), "what the enclave saw first");
        Assert.That(seen?.Message, Is.EqualTo("no more"));
    }

    /// <summary>While the enclave waits for the host it serves it.</summary>
    [Test]
    public void AServiceMayCallTheEnclave()
    {
        EdgeCallHost? caller = null;
        using var enclave = HostedEnclave.Calling(tier, HostedEnclave.Adaptive, calls: 20, payload: 8, batch: 1, host =>
        {
            caller = host;
            host.Register(HostedEnclave.Work, (ref EdgeCallRequest request) =>
            {
                EdgeCallAnswer answer = caller!.CallAsync(HostedEnclave.Work, request.Argument.ToArray()).AsTask().WaitAsync(HostedEnclave.Long).GetAwaiter().GetResult();
                request.Argument.CopyTo(request.Result);
                (request.ResultLength, request.Value) = (request.Argument.Length, answer.Value);
                return answer.Status;
            });
        }, out Func<ulong[]> report);
        Assert.That(enclave.Result, Is.Zero, enclave.Output);
        Assert.That((report()[0], report()[1]), Is.EqualTo((20UL, 0UL)));
    }
}
