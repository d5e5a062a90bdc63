using System.Buffers.Binary;
using NUnit.Framework;
using RvJit.Translator.Warmup;

namespace RvJit.Tests.Translator;

/// <summary>What is written is read again, and nothing else is believed.</summary>
public sealed class CodeHintsTests
{
    private const ulong ImageBytes = 0x5000;
    private const int EntryCountAt = 0;
    private const int PageCountAt = 4;
    private const int FirstEntryAt = 12;

    [Test]
    public void WhatIsWrittenIsReadAgain()
    {
        CodeHints read = CodeHints.TryRead(Sample().ToBytes(), ImageBytes)!;

        Assert.That(read.Entries, Is.EqualTo(new ulong[] { 0x4010, 0x12 }));
        Assert.That(read.Jumps, Is.EqualTo(new[] { new HintJump(0x4014, 0x20) }));
        Assert.That(read.WasReached(0x4010), Is.True);
        Assert.That(read.WasReached(0x4ffe), Is.True);
        Assert.That(read.WasReached(0x4012), Is.False);
        Assert.That(read.WasReached(0x10), Is.False);
        Assert.That(read.RunsOften(0x4010), Is.True);
        Assert.That(read.RunsOften(0x4ffe), Is.False);
        Assert.That(read.ToBytes(), Is.EqualTo(Sample().ToBytes()));
    }

    [Test]
    public void NothingElseHasItsLength()
    {
        byte[] bytes = Sample().ToBytes();
        for (int length = 0; length < bytes.Length; length++)
            Assert.That(CodeHints.TryRead(bytes.AsSpan(0, length), ImageBytes), Is.Null, $"{length} bytes");
        Assert.That(CodeHints.TryRead([.. bytes, 0], ImageBytes), Is.Null);
    }

    [Test]
    public void PlacesOutsideOfTheImageAreRefused()
    {
        byte[] bytes = Sample().ToBytes();
        Assert.That(CodeHints.TryRead(bytes, 0x4000), Is.Null);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(FirstEntryAt), uint.MaxValue);
        Assert.That(CodeHints.TryRead(bytes, ImageBytes), Is.Null);
    }

    [Test]
    public void CountsAreLimited([Values(EntryCountAt, PageCountAt)] int at)
    {
        byte[] bytes = Sample().ToBytes();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), uint.MaxValue);
        Assert.That(CodeHints.TryRead(bytes, ImageBytes), Is.Null);

        var large = new CodeHints(new ulong[CodeHints.MostEntries + 1], [], []);
        Assert.That(CodeHints.TryRead(large.ToBytes(), ImageBytes), Is.Null);
    }

    [Test]
    public void NoiseIsRefusedOrRead()
    {
        var random = new Random(1);
        byte[] good = Sample().ToBytes();
        for (int n = 0; n < 5000; n++)
        {
            byte[] bytes = [.. good];
            for (int flips = random.Next(1, 8); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            foreach (ulong entry in CodeHints.TryRead(bytes, ImageBytes)?.Entries ?? [])
                Assert.That(entry, Is.LessThan(ImageBytes));
        }
    }

    private static CodeHints Sample()
    {
        var page = new HintPage();
        HintPage.Set(page.Reached, 0x010);
        HintPage.Set(page.Reached, 0xffe);
        HintPage.Set(page.Often, 0x010);
        return new CodeHints([0x4010, 0x12], new Dictionary<ulong, HintPage> { [4] = page }, [new HintJump(0x4014, 0x20)]);
    }
}
