using NUnit.Framework;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;

namespace RvJit.Tests.Monitor;

/// <summary>eapp and runtime files, sound, broken and hostile (Keystone runtime/loader).</summary>
public unsafe class EappLoaderTests
{
    private const uint ReadExecute = 5, ReadWrite = 6, All = 7;

    [Test]
    public void WholePagesLieInPlaceAndPartsAreCopied()
    {
        byte[] contents = new byte[0x2800];
        new Random(1).NextBytes(contents);
        using var board = new MonitorBoard();
        EnclaveCreateArguments layout = board.Start(EnclaveImage.Build(0x1000, [new ImageSegment(0x1000, contents, 0x5000, All)]));
        World world = board.Hart.World;
        Assert.That(Physical(world, 0x1000), Is.EqualTo(layout.UserAddress + 0x1000));
        Assert.That(Physical(world, 0x2000), Is.EqualTo(layout.UserAddress + 0x2000));
        Assert.That(Physical(world, 0x3000), Is.GreaterThanOrEqualTo(layout.FreeAddress));
        byte[] memory = new byte[0x5000];
        Assert.That(world.TryRead(0x1000, memory), Is.True);
        Assert.That(memory, Is.EqualTo(contents.Concat(new byte[0x5000 - 0x2800])));
    }

    [Test]
    public void ASegmentMayStartInsideAPageAndEndThere()
    {
        byte[] contents = [1, 2, 3, 4, 5];
        using var board = new MonitorBoard();
        board.Start(EnclaveImage.Build(0x10000, [
            new ImageSegment(0x10000, new byte[4096], 4096, ReadExecute),
            new ImageSegment(0x11ff0, contents, 0x40, ReadWrite),
        ]));
        byte[] memory = new byte[0x50];
        Assert.That(board.Hart.World.TryRead(0x11fe0, memory), Is.True);
        Assert.That(memory, Is.EqualTo(new byte[16].Concat(contents).Concat(new byte[0x50 - 21])), "no file bytes behind the segment");
    }

    [Test]
    public void AFilePageMappedTwiceIsNotSharedBetweenTheMappings()
    {
        byte[] eapp = EnclaveImage.Build(0x10000, [
            new ImageSegment(0x10000, new byte[4096], 4096, ReadExecute),
            new ImageSegment(0x20000, new byte[4096], 4096, ReadWrite),
        ]);
        BitConverter.TryWriteBytes(eapp.AsSpan(64 + 56 + 8), 0x1000UL); // both at offset 0x1000
        using var board = new MonitorBoard();
        board.Start(eapp);
        Assert.That(Physical(board.Hart.World, 0x20000), Is.Not.EqualTo(Physical(board.Hart.World, 0x10000)));
    }

    private static IEnumerable<TestCaseData> Broken()
    {
        yield return Case("no ELF", e => e[0] = 0);
        yield return Case("32 bit", e => e[4] = 1);
        yield return Case("header size", e => e[54] = 55);
        yield return Case("section header size", e => e[58] = 63);
        yield return Case("section names", e => e[62] = 200);
        yield return Case("headers past the end", e => Long(e, 32, ((ulong)e.Length + 4095) & ~4095UL));
        yield return Case("headers wrap", e => Long(e, 32, ulong.MaxValue - 10));
        yield return Case("sections past the end", e => Long(e, 40, (ulong)e.Length * 2));
        yield return Case("many headers", e => e[57] = 0xff);
        yield return Case("file range past the end", e => Long(e, 64 + 8, 0x40000));
        yield return Case("file range wraps", e => Long(e, 64 + 32, ulong.MaxValue));
        yield return Case("file larger than memory", e => Long(e, 64 + 40, 1));
        yield return Case("address above user space", e => Long(e, 64 + 16, 0xffff_ffff_8000_0000));
        yield return Case("address at the limit", e => Long(e, 64 + 16, 1UL << 38));
        yield return Case("memory wraps", e => Long(e, 64 + 40, ulong.MaxValue));
        yield return Case("memory larger than the EPM", e => Long(e, 64 + 40, 1UL << 37));
        yield return Case("misaligned", e => Long(e, 64 + 16, 0x10010));
    }

    [TestCaseSource(nameof(Broken))]
    public void ABrokenEappFailsToLoad(Action<byte[]> damage)
    {
        byte[] eapp = EnclaveImage.SmallEapp();
        damage(eapp);
        using var board = new MonitorBoard();
        board.Start(eapp);
        Assert.That(board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.Success, ulong.MaxValue)));
        Assert.That(board.Console.ToString().TrimEnd(), Is.EqualTo("[loader] FATAL: failed to load."));
        Assert.That(board.Hart.World, Is.SameAs(board.HostWorld));
    }

    [Test]
    public void AnEmptyEappAndAnEmptyRuntimeFailToLoad()
    {
        using var board = new MonitorBoard();
        EnclaveCreateArguments layout = board.LoadSmall();
        board.Monitor.Create(board.Hart, layout with { FreeAddress = layout.UserAddress });
        board.Run(0);
        Assert.That(board.Returned!.Value.Value, Is.EqualTo(ulong.MaxValue));
        board.Monitor.Destroy(board.Hart, 0);

        layout = board.LoadSmall();
        board.Monitor.Create(board.Hart, layout with { UserAddress = layout.RuntimeAddress });
        board.Run(0);
        Assert.That(board.Returned!.Value.Value, Is.EqualTo(ulong.MaxValue));
    }

    [Test]
    public void TooLittleFreeMemoryForTheStackFailsToLoad()
    {
        using var board = new MonitorBoard();
        board.Start(epmBytes: 32 * 4096);
        Assert.That(board.Returned!.Value, Is.EqualTo(new SbiReturn(KeystoneError.Success, ulong.MaxValue)));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void DamagedFilesNeverHarmTheMachine(int seed)
    {
        var random = new Random(seed);
        byte[] eapp = EnclaveImage.SmallEapp();
        byte[] runtime = EnclaveImage.Build(0xffff_ffff_c000_0000, [new ImageSegment(0xffff_ffff_c000_0000, new byte[100], 0x3000, 7)], "ENV_SETUP");
        ulong[] values = [0, 1, 0xfff, 0x1000, 0x10000, 0x3ffe_0000, 0x4000_0000, 1UL << 38, (1UL << 38) - 1, int.MaxValue, 1UL << 32, 1UL << 63, ulong.MaxValue, ulong.MaxValue - 0xfff];
        for (int round = 0; round < 60; round++)
        {
            byte[] e = [.. eapp], r = [.. runtime];
            for (int i = random.Next(1, 6); i > 0; i--)
                Damage(random, random.Next(3) == 0 ? r : e, values);
            using var board = new MonitorBoard(ramBytes: 16 << 20);
            EnclaveCreateArguments layout = board.Load([1], r, e, 1 << 20, 1 << 16);
            board.Monitor.Create(board.Hart, layout);
            board.Run(0);
            World world = board.Hart.World;
            if (!world.IsEnclave)
                continue;
            for (ulong page = 0; page < World.PageCount; page++)
            {
                // The table is sparse: skip what was never touched, a megabyte of table at a time.
                if ((page & 0xffff) == 0 && new ReadOnlySpan<byte>(world.PermissionTable + page, 0x10000).IndexOfAnyExcept((byte)0) < 0)
                {
                    page += 0xffff;
                    continue;
                }

                if (world.PermissionTable[page] != 0)
                    Assert.That(Physical(world, page << 12), Is.InRange(layout.UserAddress, layout.EpmAddress + layout.EpmSize - 4096));
            }
        }
    }

    private static void Damage(Random random, byte[] file, ulong[] values)
    {
        // Mostly in the headers, where it hurts.
        int at = random.Next(10) == 0 ? random.Next(file.Length - 8) : random.Next(0, 64 + (2 * 56));
        if (random.Next(2) == 0)
            file[at] = (byte)random.Next(256);
        else
            Long(file, at & ~7, values[random.Next(values.Length)]);
    }

    private static ulong Physical(World world, ulong address) =>
        world.TryFindRun(address, out MappedRun run) ? run.PhysicalAt(address) : 0;

    private static TestCaseData Case(string name, Action<byte[]> damage) => new TestCaseData(damage).SetArgDisplayNames(name);

    private static void Long(byte[] file, int at, ulong value) => BitConverter.TryWriteBytes(file.AsSpan(at), value);
}
