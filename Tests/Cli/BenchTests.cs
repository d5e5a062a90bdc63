using System.Text.Json;
using System.Xml.Linq;
using NUnit.Framework;
using RvJit.Cli;
using RvJit.Cli.Bench;
using RvJit.Cli.Commands;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>The experiment about edge calls: what it counts, what it writes, what it says when something is wrong.</summary>
[Parallelizable(ParallelScope.All)]
public class BenchTests
{
    private static readonly string[] _exact = ["sync", "async-poll"];

    [TestCase("interp", "native")]
    [TestCase("auto", "native")]
    [TestCase("interp", "guest")]
    [TestCase("auto", "guest")]
    public void CountsAreExactAndFilesHoldThem(string tier, string runtime)
    {
        using var directory = new TemporaryDirectory();
        string json = directory.PathOf("json"), csv = directory.PathOf("csv"), html = directory.PathOf("html");
        RvJitResult result = RvJitProcess.Run("bench", "edgecalls", "--quick", "--tier", tier, "--runtime", runtime, "--backends", string.Join(',', _exact),
            "--payloads", "64", "--calls", "60", "--runs", "1", "--json", json, "--csv", csv, "--html", html);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Error, Is.Empty);
        Assert.That(result.Output, Does.Not.Contain('\u001b'));

        JsonElement root = JsonDocument.Parse(File.ReadAllText(json)).RootElement;
        JsonElement[] cells = [.. root.GetProperty("cells").EnumerateArray()];
        Assert.That(cells, Has.Length.EqualTo((_exact.Length * 2) + 1), "out and in, and one batch");
        foreach (JsonElement cell in cells)
        {
            bool synchronous = cell.GetProperty("backend").GetString() == "sync";
            Assert.That(cell.GetProperty("calls").GetInt32(), Is.EqualTo(60));
            Assert.That(cell.GetProperty("transitions").GetDouble(), Is.EqualTo(synchronous ? 8 : 0), cell.ToString());
            Assert.That(cell.GetProperty("transitionsByKind").EnumerateObject().Take(8).Select(kind => kind.Value.GetDouble()), Is.All.EqualTo(synchronous ? 1 : 0), cell.ToString());
            int ofRuntime = runtime == "native" ? 92 : 0; // in guest code it is counted
            Assert.That(cell.GetProperty("modelledInstructions").GetDouble(), Is.EqualTo(synchronous ? ofRuntime + 101 + 100 + (2 * 271) + (6 * 20) : 0));
            Assert.That(cell.GetProperty("callerInstructions").GetDouble(), Is.GreaterThan(100));
            Assert.That(cell.GetProperty("times").GetArrayLength(), Is.EqualTo(1));
        }

        Assert.That(root.GetProperty("claims").EnumerateArray().Where(claim => claim.GetProperty("exact").GetBoolean())
            .Select(claim => claim.GetProperty("verdict").GetString()), Is.All.EqualTo("met").Or.EqualTo("notMeasured"));
        Assert.That(root.GetProperty("failed").GetBoolean(), Is.False);

        string[][] lines = [.. File.ReadAllLines(csv).Select(line => line.Split(','))];
        Assert.That(lines, Has.Length.EqualTo(cells.Length + 1));
        Assert.That(lines.Select(line => line.Length), Is.All.EqualTo(lines[0].Length));
        int transitions = Array.IndexOf(lines[0], "transitions"), backend = Array.IndexOf(lines[0], "backend");
        Assert.That(lines.Skip(1).Select(line => line[transitions]), Is.EqualTo(lines.Skip(1).Select(line => line[backend] == "sync" ? "8" : "0")));

        AssertSelfContained(File.ReadAllText(html));
    }

    [Test]
    public void EchoedAnswersCarryTheArgumentBack()
    {
        using var directory = new TemporaryDirectory();
        string json = directory.PathOf("json");
        RvJitResult result = RvJitProcess.Run("bench", "edgecalls", "--runtime", "native", "--backends", "async-poll", "--directions", "ocall", "--replies", "none,echo",
            "--payloads", "0,64,4096", "--batches", "1", "--costs", "0", "--calls", "60", "--runs", "1", "--json", json);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        JsonElement[] cells = [.. JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("cells").EnumerateArray().Where(cell => !cell.GetProperty("oneProcessor").GetBoolean())];
        (int, string?)[] wanted = [(0, "none"), (64, "none"), (4096, "none"), (64, "echo"), (4096, "echo")];
        Assert.That(cells.Select(cell => (cell.GetProperty("payload").GetInt32(), cell.GetProperty("reply").GetString())), Is.EqualTo(wanted));
    }

    [Test]
    public void WhatACallCannotCarryIsSaid()
    {
        RvJitResult result = RvJitProcess.Run("bench", "edgecalls", "--quick", "--runtime", "native", "--backends", "sync", "--directions", "ocall",
            "--payloads", "1048576", "--calls", "1", "--runs", "1");
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("not offered: a synchronous call carries at most 65536 bytes"));
    }

    [TestCase("bench", "no command given")]
    [TestCase("bench edgecalls now", "unexpected argument 'now'")]
    [TestCase("bench edgecalls --backends sync,turbo", "there is no 'turbo'")]
    [TestCase("bench edgecalls --directions up", "there is no 'up'")]
    [TestCase("bench edgecalls --runtime stock", "there is no 'stock'")]
    [TestCase("bench edgecalls --replies loud", "there is no 'loud'")]
    [TestCase("bench edgecalls --payloads 0,,64", "--payloads 0,,64")]
    [TestCase("bench edgecalls --payloads 1048577", "0 to 1048576")]
    [TestCase("bench edgecalls --batches 0", "1 to 256")]
    [TestCase("bench edgecalls --runs 0", "1 to 99")]
    [TestCase("bench edgecalls --json /no/such/directory/file", "/no/such/directory/file")]
    public void WrongWordsGetOneLine(string words, string expected) => OneLine.Assert(RvJitProcess.Run(words.Split(' ')), expected);

    [Test]
    public void ACellThatFailsFailsTheReport()
    {
        EdgeCallReport report = Report(result => result.Add("no end after 60 s", null, EdgeCallRound.Counting));
        using var text = new StringWriter();
        EdgeCallText.Write(text, report, colours: false);
        Assert.That(report.Failed);
        Assert.That(text.ToString(), Does.Contain("FAILED: no end after 60 s"));
        Assert.That(JsonDocument.Parse(EdgeCallFiles.Json(report)).RootElement.GetProperty("failed").GetBoolean());
        AssertSelfContained(System.Text.Encoding.UTF8.GetString(EdgeCallHtml.Write(report)));
    }

    [Test]
    public void ABackendThatTheProgramsDoNotHaveIsNoFailure()
    {
        EdgeCallReport report = Report(result => result.Add("host-edgecalls: --backend: no such backend: sync", null, EdgeCallRound.Counting));
        Assert.That(report.Failed, Is.False);
        Assert.That(System.Text.Encoding.UTF8.GetString(EdgeCallFiles.Csv(report)), Does.Contain("not offered: the embedded programs do not have it"));
    }

    /// <summary>--quick measures both configurations; beside the native one, that of guest code only by what is claimed of it.</summary>
    [Test]
    public void AQuickPlanHasBothConfigurations()
    {
        var plan = new EdgeCallPlan
        {
            Runtimes = Enum.GetValues<RuntimeChoice>(),
            Backends = EdgeCallCell.Backends,
            Directions = Enum.GetValues<EdgeCallDirection>(),
            Payloads = [0, 64],
            Batches = [1, 32],
            Costs = [0],
            OneProcessor = false,
            Sparse = true,
            Runs = 5,
            Calls = 10,
        };
        EdgeCallCell[] guest = [.. plan.Cells().Where(cell => cell.Runtime == RuntimeChoice.Guest)];
        Assert.That(guest.Select(cell => (cell.Backend, cell.Direction, cell.Payload, cell.Batch)), Is.EquivalentTo(new[]
        {
            ("sync", EdgeCallDirection.Ocall, 0, 1), ("sync", EdgeCallDirection.Ocall, 64, 1), ("sync", EdgeCallDirection.Ecall, 64, 1),
            ("async-poll", EdgeCallDirection.Ocall, 0, 1), ("async-poll", EdgeCallDirection.Ocall, 64, 1), ("async-poll", EdgeCallDirection.Ocall, 64, 32),
            ("async-poll", EdgeCallDirection.Ecall, 64, 1),
        }));
        Assert.That((plan with { Runtimes = [RuntimeChoice.Guest] }).Cells(), Has.Count.EqualTo(plan.Cells().Count - guest.Length));
    }

    /// <summary>Ten calls and the mark make 88 transitions; the two readings of the counters make two more.</summary>
    [TestCase(90, Verdict.Met)]
    [TestCase(89, Verdict.NotMet)]
    [TestCase(91, Verdict.NotMet)]
    public void OneTransitionTooManyIsFound(int transitions, Verdict verdict)
    {
        EdgeCallReport report = Report(result =>
        {
            foreach (EdgeCallRound round in Enum.GetValues<EdgeCallRound>())
            {
                MonitorCounters before = new(new ulong[10], 0), after = new([1, 1, 1, 2, (ulong)transitions - 9, 1, 1, 1, 0, 1], 60);
                string? failure = EdgeCallSample.TryRead("calls=10\nok=10\nfailed=0\nns=1000\ncaller_instructions=5000\n", [before, after], out EdgeCallSample? sample);
                result.Add(failure, sample, round);
            }
        });
        Assert.That(report.Claims.Single(claim => claim.Text.StartsWith("native: a synchronous call makes", StringComparison.Ordinal)).Verdict, Is.EqualTo(verdict));
        Assert.That(report.Failed, Is.EqualTo(verdict == Verdict.NotMet));
    }

    [TestCase("calls=10\nok=9\nfailed=1\n", "9 of 10 calls succeeded")]
    [TestCase("host-edgecalls: no edge calls: -12\n", "host-edgecalls: no edge calls: -12")]
    public void WhatAGuestComplainsAboutIsKept(string output, string failure)
    {
        MonitorCounters none = new(new ulong[10], 0);
        Assert.That(EdgeCallSample.TryRead(output, [none, none], out _), Is.EqualTo(failure));
    }

    private static EdgeCallReport Report(Action<EdgeCallResult> fill)
    {
        var plan = new EdgeCallPlan
        {
            Runtimes = [RuntimeChoice.Native],
            Backends = ["sync"],
            Directions = [EdgeCallDirection.Ocall],
            Payloads = [64],
            Batches = [1],
            Costs = [0],
            OneProcessor = false,
            Runs = 1,
            Calls = 10,
        };
        EdgeCallResult[] results = [.. plan.Cells().Select(cell => new EdgeCallResult(cell))];
        Assert.That(results, Has.Length.EqualTo(1));
        fill(results[0]);
        return new EdgeCallReport(plan, results, [new CallCost(64, 1, 3, 4, 5, 12), new CallCost(64, 32, 3, 4, 4, 11)]);
    }

    /// <summary>Well formed, and nothing in it is fetched from elsewhere.</summary>
    private static void AssertSelfContained(string html)
    {
        Assert.That(html, Does.Not.Contain("://").And.Not.Contains("<script").And.Not.Contains("src=").And.Not.Contains("@import"));
        string xml = html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal).Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal);
        Assert.That(() => XDocument.Parse(xml), Throws.Nothing);
        Assert.That(XDocument.Parse(xml).Descendants("table").Count(), Is.GreaterThanOrEqualTo(4));
    }
}
