using System.IO.Compression;
using System.Text;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Linux;

/// <summary>
/// A real program that nobody here built: Debian's static busybox, under rvjit in each tier and under qemu-riscv64, with
/// the same arguments and input. Output, errors and exit code must be the same.
/// </summary>
[TestFixture("interp")]
[TestFixture("jit")]
[TestFixture("auto")]
public sealed class BusyboxTests(string tier)
{
    private const int Lines = 3000;
    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(3);

    private TemporaryDirectory _directory = null!;

    [OneTimeSetUp]
    public void MakeInput()
    {
        _directory = new TemporaryDirectory();
        var random = new Random(4711);
        var text = new StringBuilder();
        for (int i = 0; i < Lines; i++)
            text.Append(random.Next(100_000)).Append(' ').Append(random.NextDouble().ToString("F6")).Append(" line ").Append(i).Append('\n');
        byte[] bytes = Encoding.ASCII.GetBytes(text.ToString());
        File.WriteAllBytes(Path.Combine(_directory.Path, "text"), bytes);
        using var gzip = new GZipStream(File.Create(Path.Combine(_directory.Path, "text.gz")), CompressionLevel.Optimal);
        gzip.Write(bytes);
    }

    [OneTimeTearDown]
    public void RemoveInput() => _directory.Dispose();

    [TestCase("sha256sum", "text")]
    [TestCase("sha512sum", "text", "text.gz")]
    [TestCase("md5sum", "text")]
    [TestCase("sort", "-n", "text")]
    [TestCase("sort", "-k2", "-r", "text")]
    [TestCase("awk", "{ s += $1; p *= 1.0000001; p += $2 } END { printf \"%d %.9f %.3e\\n\", s, p, s / 7 }", "text")]
    [TestCase("awk", "BEGIN { for (i = 1; i < 40; i++) printf \"%.12g \", sin(i) * exp(i / 9) + log(i) }")]
    [TestCase("gzip", "-dc", "text.gz")]
    [TestCase("sh", "-c", "i=0; s=0; while [ $i -lt 20000 ]; do s=$((s * 31 + i % 7 ^ i)); i=$((i + 1)); done; echo $s; exit 17")]
    [TestCase("sh", "-c", "case abc in a*) echo yes;; esac; printf '%05d %x %s\\n' 42 255 end; false")]
    [TestCase("grep", "-c", "9.*line 1", "text")]
    [TestCase("sed", "-n", "s/line \\([0-9]*\\)7$/<\\1>/p", "text")]
    [TestCase("wc", "text", "text.gz")]
    [TestCase("od", "-A", "x", "-t", "x1z", "-N", "400", "text.gz")]
    [TestCase("cat", "no-such-file")]
    [TestCase("expr", "12345678901", "*", "987")]
    public void DoesWhatItDoesUnderQemu(params string[] arguments)
    {
        string busybox = Extras.RequireBusybox();
        RvJitResult expected = Run(Extras.RequireQemu(), [busybox, .. arguments]);
        RvJitResult actual = Run(RvJitProcess.Executable, ["run", $"--tier={tier}", busybox, .. arguments]);
        Assert.Multiple(() =>
        {
            Assert.That(actual.ExitCode, Is.EqualTo(expected.ExitCode));
            Assert.That(actual.Output, Is.EqualTo(expected.Output));
            Assert.That(actual.Error, Is.EqualTo(expected.Error));
        });
    }

    private RvJitResult Run(string program, string[] arguments) => new RvJitProcess
    {
        Program = program,
        Arguments = arguments,
        WorkingDirectory = _directory.Path,
        Timeout = _timeout,
    }.Run();
}
