using System.Text.Json;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>rvjit run --cache: the second run is warm from the start, and no file can make a run fail.</summary>
public sealed class CacheTests
{
    /// <summary>Magic and key, which stand before the hints.</summary>
    private const int HeaderBytes = 8 + 32;

    private static readonly string[] _work = [GuestPrograms.Kernels, "switchvm", "20"];

    private readonly TemporaryDirectory _directory = new();

    private string Cache => _directory.PathOf("cache");

    [TearDown]
    public void Empty()
    {
        if (Directory.Exists(Cache))
            Directory.Delete(Cache, recursive: true);
        File.Delete(Cache);
    }

    [OneTimeTearDown]
    public void Remove() => _directory.Dispose();

    [Test]
    public void TheSecondRunTranslatesWhatTheFirstFoundHot()
    {
        RvJitResult first = Run();
        RvJitResult second = Run();

        Assert.That(first.ExitCode, Is.Zero, first.ToString());
        Assert.That(second.ExitCode, Is.Zero, second.ToString());
        Assert.That(second.Output, Is.EqualTo(first.Output));
        Assert.That(Foreseen(first), Is.Zero);
        Assert.That(Foreseen(second), Is.GreaterThan(0));
    }

    [Test]
    public void TheInterpreterLeavesTheCacheAlone()
    {
        RvJitResult result = Run("--tier=interp");
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(Directory.Exists(Cache), Is.False);
    }

    [Test]
    public void OtherExtensionsAreAnotherFile()
    {
        _ = Run();
        Assert.That(Foreseen(Run("--isa=rv64gc")), Is.Zero);
        Assert.That(Directory.GetFiles(Cache), Has.Length.EqualTo(2));
    }

    [Test]
    public void AFileThatIsNotForThisProgramIsNotBelieved()
    {
        RvJitResult first = Run();
        string file = Directory.GetFiles(Cache).Single();
        byte[] bytes = File.ReadAllBytes(file);
        bytes[HeaderBytes - 1] ^= 1;
        File.WriteAllBytes(file, bytes);

        RvJitResult second = Run();
        Assert.That(second.Output, Is.EqualTo(first.Output), second.ToString());
        Assert.That(Foreseen(second), Is.Zero);
        Assert.That(Foreseen(Run()), Is.GreaterThan(0), "the file was made anew");
    }

    [TestCase(0)]
    [TestCase(HeaderBytes)]
    [TestCase(HeaderBytes + 4)]
    [TestCase(200)]
    public void ATruncatedFileIsNotBelieved(int length)
    {
        RvJitResult first = Run();
        string file = Directory.GetFiles(Cache).Single();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..length]);

        RvJitResult second = Run();
        Assert.That(second.ExitCode, Is.Zero, second.ToString());
        Assert.That(second.Output, Is.EqualTo(first.Output));
        Assert.That(Foreseen(second), Is.Zero);
    }

    /// <summary>Entries in the middle of instructions and in data, every bit of every page set.</summary>
    [Test]
    public void AnEnemysFileMisleadsTheChoiceOfCodeAtMost()
    {
        RvJitResult first = Run();
        string file = Directory.GetFiles(Cache).Single();
        byte[] bytes = File.ReadAllBytes(file);
        int entries = BitConverter.ToInt32(bytes, HeaderBytes);
        for (int i = 0; i < entries; i++)
            BitConverter.TryWriteBytes(bytes.AsSpan(HeaderBytes + 12 + (4 * i)), (uint)((i * 977) + 1));
        bytes.AsSpan(HeaderBytes + 12 + (4 * entries) + 4, 512).Fill(0xFF);
        File.WriteAllBytes(file, bytes);

        RvJitResult second = Run();
        Assert.That(second.ExitCode, Is.Zero, second.ToString());
        Assert.That(second.Output, Is.EqualTo(first.Output));
    }

    [Test]
    public void ADirectoryThatCannotBeWrittenIsOneWarning()
    {
        File.WriteAllText(Cache, "no directory");
        RvJitResult result = RvJitProcess.Run(["run", "--cache", Cache, .. _work]);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(result.Error, Does.StartWith("rvjit: warning: --cache").And.Contains(Cache));
    }

    private RvJitResult Run(params string[] options) =>
        RvJitProcess.Run(["run", "--stats=json", "--cache", Cache, .. options, .. _work]);

    private static int Foreseen(RvJitResult result) =>
        JsonDocument.Parse(result.ErrorLines[^1]).RootElement.GetProperty("regions").GetProperty("foreseen").GetInt32();
}
