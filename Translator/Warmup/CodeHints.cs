using System.Buffers.Binary;

namespace RvJit.Translator.Warmup;

/// <summary>
/// What a run learnt about a program's code, for the translator of the next run: where regions began, and what the
/// interpreter saw of the pages they were made from. Places are distances from the start of the program's image.
/// <para>
/// A hint and no more: a wrong one costs time, never correctness. It names places to translate from and decides what
/// becomes part of a region; what is translated is always read from the guest's memory, under its rights.
/// </para>
/// </summary>
public sealed class CodeHints
{
    /// <summary>What is kept and believed at most, so that neither a program nor a file can make it large.</summary>
    public const int MostEntries = 4096;
    public const int MostPages = 4096;
    public const int MostJumps = 16384;

    private const int WordsOfPage = HintPage.Words;
    private const int CountBytes = 3 * sizeof(uint);
    private const int PageBytes = sizeof(uint) + (2 * WordsOfPage * sizeof(ulong));
    private const int JumpBytes = 2 * sizeof(uint);

    private readonly Dictionary<ulong, HintPage> _pages;

    public CodeHints(ulong[] entries, Dictionary<ulong, HintPage> pages, HintJump[] jumps)
    {
        Entries = entries;
        _pages = pages;
        Jumps = jumps;
    }

    public static CodeHints None { get; } = new([], [], []);

    /// <summary>The longest file that <see cref="TryRead"/> reads.</summary>
    public static int MostBytes => CountBytes + (MostEntries * sizeof(uint)) + (MostPages * PageBytes) + (MostJumps * JumpBytes);

    /// <summary>First entries of regions, the earliest hot one first.</summary>
    public IReadOnlyList<ulong> Entries { get; }

    /// <summary>By page number.</summary>
    public IReadOnlyDictionary<ulong, HintPage> Pages => _pages;

    public IReadOnlyList<HintJump> Jumps { get; }

    /// <summary>Whether the interpreter met the instruction there.</summary>
    public bool WasReached(ulong offset) =>
        _pages.TryGetValue(offset >> HintPage.Shift, out HintPage? page) && HintPage.Has(page.Reached, offset);

    /// <summary>Whether control entered there more than a few times.</summary>
    public bool RunsOften(ulong offset) =>
        _pages.TryGetValue(offset >> HintPage.Shift, out HintPage? page) && HintPage.Has(page.Often, offset);

    /// <summary>As bytes, little-endian: three counts, entries and jumps in halfwords, pages as two bitmaps.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[CountBytes + (Entries.Count * sizeof(uint)) + (_pages.Count * PageBytes) + (Jumps.Count * JumpBytes)];
        int at = 0;
        Put((uint)Entries.Count);
        Put((uint)_pages.Count);
        Put((uint)Jumps.Count);
        foreach (ulong entry in Entries)
            Put((uint)(entry / 2));
        ulong[] numbers = [.. _pages.Keys];
        Array.Sort(numbers);
        foreach (ulong number in numbers)
        {
            Put((uint)number);
            foreach (ulong[] bits in new[] { _pages[number].Reached, _pages[number].Often })
            {
                foreach (ulong word in bits)
                {
                    Put((uint)word);
                    Put((uint)(word >> 32));
                }
            }
        }

        foreach (HintJump jump in Jumps)
        {
            Put((uint)(jump.From / 2));
            Put((uint)(jump.To / 2));
        }

        return bytes;

        void Put(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
            at += sizeof(uint);
        }
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote, for an image of so many bytes; null when anything about it is wrong.</summary>
    public static CodeHints? TryRead(ReadOnlySpan<byte> bytes, ulong imageBytes)
    {
        if (bytes.Length < CountBytes)
            return null;
        uint entryCount = Get(bytes, 0);
        uint pageCount = Get(bytes, 1);
        uint jumpCount = Get(bytes, 2);
        if (entryCount > MostEntries || pageCount > MostPages || jumpCount > MostJumps
            || bytes.Length != CountBytes + (entryCount * sizeof(uint)) + (pageCount * PageBytes) + (jumpCount * JumpBytes))
            return null;
        int word = CountBytes / sizeof(uint);
        var entries = new ulong[entryCount];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = Get(bytes, word++) * 2UL;
            if (entries[i] >= imageBytes)
                return null;
        }

        var pages = new Dictionary<ulong, HintPage>();
        for (uint i = 0; i < pageCount; i++)
        {
            ulong number = Get(bytes, word++);
            var page = new HintPage();
            foreach (ulong[] bits in new[] { page.Reached, page.Often })
            {
                for (int n = 0; n < WordsOfPage; n++, word += 2)
                    bits[n] = Get(bytes, word) | ((ulong)Get(bytes, word + 1) << 32);
            }

            if (number << HintPage.Shift >= imageBytes || !pages.TryAdd(number, page))
                return null;
        }

        var jumps = new HintJump[jumpCount];
        for (int i = 0; i < jumps.Length; i++, word += 2)
        {
            jumps[i] = new HintJump(Get(bytes, word) * 2UL, Get(bytes, word + 1) * 2UL);
            if (jumps[i].From >= imageBytes || jumps[i].To >= imageBytes)
                return null;
        }

        return new CodeHints(entries, pages, jumps);
    }

    private static uint Get(ReadOnlySpan<byte> bytes, int word) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[(word * sizeof(uint))..]);
}

/// <summary>An indirect jump and where it went.</summary>
public sealed record HintJump(ulong From, ulong To);
