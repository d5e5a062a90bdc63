using System.Buffers.Binary;
using NUnit.Framework;
using RvJit.Machine.Board;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>What no machine can be made of: one line, exit code 2, and the way out.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MachineErrorTests : IDisposable
{
    private const ushort MachineX86 = 62;
    private const int ProgramHeaders = 64;
    private const int PhysicalAddressField = 24;

    private readonly TemporaryDirectory _directory = new();

    private string Image => _directory.PathOf("image");

    private static string Hello => GuestPrograms.PathOf("machine-hello");

    public void Dispose() => _directory.Dispose();

    [TestCase("", "give --bios FILE")]
    [TestCase("--fast", "unknown option '--fast'")]
    [TestCase("--bios hello --kernel", "--kernel needs a value")]
    [TestCase("--bios hello --memory 12", "pages")]
    [TestCase("--bios hello --memory 0", "pages")]
    [TestCase("--bios hello --memory much", "--memory much is no size")]
    [TestCase("--bios hello --memory 10T", "no size")]
    [TestCase("--bios hello --memory -1M", "no size")]
    [TestCase("--bios hello --memory 1024G", "the most is 256G")]
    [TestCase("--bios hello --memory 99999999999999999999G", "no size")]
    [TestCase("--bios hello --harts 0", "--harts 0 is not possible; say 1 to 64")]
    [TestCase("--bios hello --harts many", "--harts many is not possible")]
    [TestCase("--bios hello --harts 65", "1 to 64")]
    [TestCase("--bios hello --pmp-entries 17", "say 0 or 16 or 64")]
    [TestCase("--bios hello --isa rv64gcv", "extension 'v' is not supported")]
    [TestCase("--bios hello --isa rv64gc_svade_svadu", "contradict each other")]
    [TestCase("--bios hello --max-insns 0", "--max-insns 0 is no count")]
    [TestCase("--bios hello --timeout soon", "--timeout soon is no time")]
    [TestCase("--bios hello --signature-granularity 3", "say 4 or 8 or 16")]
    [TestCase("--bios hello --initrd disk", "--kernel FILE too")]
    [TestCase("--bios hello --kernel image --dtb tree --append quiet", "leave --dtb out")]
    [TestCase("--bios hello --batch hello", "--batch names the programs itself")]
    [TestCase("--batch missing", "--batch missing does not exist")]
    [TestCase("--bios hello --jobs 0", "--jobs 0 is not possible")]
    [TestCase("hello", "unexpected argument 'hello'")]
    public void WrongOptions(string words, string expected) =>
        OneLine.Assert(RvJitProcess.Run(["machine", .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)]), expected);

    [TestCase("--bios")]
    [TestCase("--kernel")]
    [TestCase("--initrd")]
    [TestCase("--dtb")]
    [TestCase("--drive")]
    public void MissingFiles(string option)
    {
        string[] others = option == "--bios" ? [] : ["--bios", Hello];
        string[] kernel = option == "--initrd" ? ["--kernel", Kernel(4096)] : [];
        OneLine.Assert(RvJitProcess.Run(["machine", .. others, .. kernel, option, _directory.PathOf("missing")]), "does not exist");
    }

    [Test]
    public void TruncatedElf()
    {
        File.WriteAllBytes(Image, File.ReadAllBytes(Hello)[..200]);
        Refused("truncated");
    }

    [TestCase(1, (ushort)243, "32-bit")]
    [TestCase(2, MachineX86, "x86-64")]
    public void OtherInstructionSets(int elfClass, ushort machine, string expected)
    {
        byte[] elf = File.ReadAllBytes(Hello);
        elf[4] = (byte)elfClass;
        BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(18), machine);
        File.WriteAllBytes(Image, elf);
        Refused(expected);
    }

    [TestCase(0x1000UL, "outside RAM")]
    [TestCase(0x8000_0001UL, "is odd")]
    [TestCase(ulong.MaxValue - 1, "outside RAM")]
    public void WrongEntries(ulong entry, string expected)
    {
        byte[] elf = File.ReadAllBytes(Hello);
        BinaryPrimitives.WriteUInt64LittleEndian(elf.AsSpan(24), entry);
        File.WriteAllBytes(Image, elf);
        Refused(expected);
    }

    [TestCase(0x1000UL, "outside RAM")]
    [TestCase(ulong.MaxValue - 15, "outside RAM")]
    [TestCase(0x9FFF_FFFFUL, "give more --memory")]
    public void SegmentsOutsideRam(ulong physical, string expected)
    {
        byte[] elf = File.ReadAllBytes(Hello);
        for (int header = ProgramHeaders; header < ProgramHeaders + (56 * elf[56]); header += 56)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(elf.AsSpan(header)) == 1)
                BinaryPrimitives.WriteUInt64LittleEndian(elf.AsSpan(header + PhysicalAddressField), physical);
        }

        File.WriteAllBytes(Image, elf);
        Refused(expected);
    }

    [Test]
    public void CompressedImage()
    {
        File.WriteAllBytes(Image, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0]);
        Refused("unpack it first");
    }

    [TestCase("--memory", "16K", TestName = "{m}(program)")]
    public void TooLittleMemory(string option, string value) => OneLine.Assert(
        RvJitProcess.Run("machine", "--bios", Hello, option, value), "give more --memory");

    [Test]
    public void TooLittleMemoryForAKernel() => OneLine.Assert(
        RvJitProcess.Run("machine", "--bios", Hello, "--kernel", Kernel(4 << 20), "--memory", "4M"), "give more --memory");

    [Test]
    public void TooLittleMemoryForWhatAKernelClears()
    {
        string kernel = Kernel(4096, clears: 64UL << 20);
        OneLine.Assert(RvJitProcess.Run("machine", "--bios", Hello, "--kernel", kernel, "--memory", "32M"), "give more --memory");
    }

    [Test]
    public void TooLittleMemoryForARamDisk()
    {
        string disk = _directory.PathOf("disk");
        File.WriteAllBytes(disk, new byte[20 << 20]);
        OneLine.Assert(
            RvJitProcess.Run("machine", "--bios", Hello, "--kernel", Kernel(4096), "--initrd", disk, "--memory", "16M"), "give more --memory");
    }

    [Test]
    public void ImagesThatOverlap()
    {
        File.WriteAllBytes(Image, new byte[3 << 20]);
        OneLine.Assert(RvJitProcess.Run("machine", "--bios", Image, "--kernel", Kernel(4096)), "overlaps");
    }

    [TestCase(0, 0x1234_5678U, "not a flattened device tree")]
    [TestCase(4, 0x7FFF_FFFFU, "damaged")]
    [TestCase(8, 0xFFFF_FFF0U, "damaged")]
    [TestCase(20, 3U, "version")]
    [TestCase(-1, 0U, "truncated")]
    public void MalformedDeviceTrees(int at, uint value, string expected)
    {
        string tree = _directory.PathOf("tree");
        Assert.That(RvJitProcess.Run("machine", "--dump-dtb", tree).ExitCode, Is.Zero);
        byte[] bytes = File.ReadAllBytes(tree);
        if (at < 0)
            bytes = bytes[..20];
        else
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), value);
        File.WriteAllBytes(tree, bytes);

        OneLine.Assert(RvJitProcess.Run("machine", "--bios", Hello, "--dtb", tree), expected);
    }

    [Test]
    public void ADumpedDeviceTreeIsOneAndCanBeGivenBack()
    {
        string tree = _directory.PathOf("tree");
        Assert.That(RvJitProcess.Run("machine", "--harts", "2", "--dump-dtb", tree).ExitCode, Is.Zero);
        Assert.That(DeviceTreeReader.TryRead(File.ReadAllBytes(tree), out DeviceTreeNode? root, out string? error), Is.True, error);
        Assert.That(root!.Find("cpus")!.Children, Has.Count.EqualTo(2));

        Assert.That(RvJitProcess.Run("machine", "--bios", Hello, "--dtb", tree).ExitCode, Is.Zero);
    }

    [Test]
    public void ADriveOfNoWholeSectors()
    {
        File.WriteAllBytes(Image, new byte[513]);
        OneLine.Assert(RvJitProcess.Run("machine", "--bios", Hello, "--drive", Image), "no whole sectors");
    }

    [Test]
    public void TooManyDrives()
    {
        string[] drives = [.. Enumerable.Repeat(new[] { "--drive", Image }, 9).SelectMany(words => words)];
        OneLine.Assert(RvJitProcess.Run(["machine", "--bios", Hello, .. drives]), "8 virtio slots");
    }

    [Test]
    public void ASignatureOfAProgramWithoutOne() => OneLine.Assert(
        RvJitProcess.Run("machine", "--bios", Hello, "--signature", Image), "begin_signature");

    [Test]
    public void ASignatureThatCannotBeWritten() => OneLine.Assert(
        RvJitProcess.Run("machine", "--bios", GuestPrograms.PathOf("machine-signature"), "--signature", _directory.PathOf("no/where")), "cannot be written");

    [Test]
    public void AnEmptyBatch()
    {
        File.WriteAllText(Image, "# nothing\n");
        OneLine.Assert(RvJitProcess.Run("machine", "--batch", Image), "names no program");
    }

    private void Refused(string expected) => OneLine.Assert(RvJitProcess.Run("machine", "--bios", Image), expected);

    /// <summary>A raw image of some size; with a Linux header when it clears memory behind itself.</summary>
    private string Kernel(int bytes, ulong clears = 0)
    {
        byte[] image = new byte[bytes];
        if (clears != 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(16), clears);
            "RSC\u0005"u8.CopyTo(image.AsSpan(56));
        }

        string path = _directory.PathOf("kernel");
        File.WriteAllBytes(path, image);
        return path;
    }
}
