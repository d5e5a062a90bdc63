using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Keystone;

/// <summary>Keystone packages, made here as makeself 2.4 makes them (makeself-header.sh: script, skip, filesizes).</summary>
public sealed class KeystonePackageTests
{
    private const string Runner = "./host-runner --retval 42 eapp-hello runtime.elf loader.bin";

    private static readonly string[] _files = ["host-runner", "eapp-hello", "runtime.elf", "loader.bin"];

    [Test]
    public void ItsCommandIsRunWhereItsFilesAre()
    {
        RvJitResult result = Run(Package(Runner, _files));
        Assert.That(result.Output, Is.EqualTo(File.ReadAllText(Repository.PathOf("Guest", "Programs", "keystone", "hello.expected"))), result.Error);
        Assert.That(result.ExitCode, Is.Zero);
    }

    [Test]
    public void ArgumentsAreAddedToIt()
    {
        RvJitResult result = Run(Package("./linux-tests exitcode", ["linux-tests"]), "7");
        Assert.That(result.ExitCode, Is.EqualTo(7), result.Error);
    }

    [Test]
    public void AScriptOfPlainCommandsIsRunLineByLine()
    {
        RvJitResult result = Run(Package("./run.sh", ["hello"], ("run.sh", "#!/bin/sh\necho 'testing  hello'\n./hello\n\n./hello one\n")));
        Assert.That(result.Output, Is.EqualTo("testing  hello\nhello, world\nhello, world\n"), result.Error);
    }

    [TestCase("./run.sh", "rm -rf $HOME", "run.sh")]
    [TestCase("./run.sh", "./hello > /tmp/x", "run.sh")]
    [TestCase("./run.sh", "./hello; ./hello", "run.sh")]
    [TestCase("./missing", "", "missing")]
    public void MoreOfTheShellIsRefused(string command, string script, string named) =>
        Refused(Run(Package(command, ["hello"], ("run.sh", script))), named);

    [TestCase("../outside")]
    [TestCase("/tmp/rvjit-package-outside")]
    [TestCase("a/../../outside")]
    public void FilesStayInside(string name) => Refused(Run(Package("./hello", ["hello"], (name, "x"))), "outside of the package");

    [Test]
    public void LinksAreRefused()
    {
        byte[] archive = Archive(tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "./hello") { LinkName = "/bin/true" }));
        Refused(Run(Header("./hello", archive)), "neither a file nor a directory");
    }

    [Test]
    public void DamagedPackages()
    {
        byte[] package = Package("./hello", ["hello"]);
        Refused(Run(package[..^1000]), "cut short");
        Refused(Run("#!/bin/sh\n"u8.ToArray()), "no Keystone package");
        package[^2000] ^= 0xff;
        package.AsSpan(package.Length - 5000, 2500).Clear();
        Refused(Run(package), "cannot be unpacked");
    }

    private static void Refused(RvJitResult result, string named)
    {
        Assert.That(result.ExitCode, Is.EqualTo(2), result.Output);
        Assert.That(result.ErrorLines, Has.Length.EqualTo(1).And.All.Contains(named));
    }

    private static RvJitResult Run(byte[] package, params string[] arguments)
    {
        using var directory = new TemporaryDirectory();
        string path = Path.Combine(directory.Path, "test.ke");
        File.WriteAllBytes(path, package);
        return RvJitProcess.Run(["run", "--tier=interp", path, .. arguments]);
    }

    private static byte[] Package(string command, string[] programs, params (string Name, string Text)[] more) => Header(command, Archive(tar =>
    {
        foreach (string program in programs)
            tar.WriteEntry(GuestPrograms.PathOf(program), "./" + program);
        foreach ((string name, string text) in more)
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
    }));

    private static byte[] Archive(Action<TarWriter> write)
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(new GZipStream(bytes, CompressionLevel.Fastest)))
            write(tar);
        return bytes.ToArray();
    }

    private static byte[] Header(string command, byte[] archive)
    {
        string[] words = command.Split(' ', 2);
        string arguments = words.Length > 1 ? words[1] : "";
        string header = $"""
            #!/bin/sh
            label="Keystone Enclave Package"
            script="{words[0]}"
            scriptargs="{arguments}"
            filesizes="{archive.Length}"
            skip="8"
            exit 1
            # the archive follows

            """;
        return [.. Encoding.ASCII.GetBytes(header), .. archive];
    }
}
