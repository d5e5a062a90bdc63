using System.Buffers.Binary;
using System.Text;
using NUnit.Framework;
using RvJit.Machine;
using RvJit.Monitor;

namespace RvJit.Tests.Monitor;

/// <summary>
/// System calls forwarded through the buffer: payload bytes as the host's handler of Keystone's SDK expects them, and
/// what of its answers reaches the eapp.
/// </summary>
public unsafe class ForwardedSyscallTests
{
    private const ulong Data = 0x12000;
    private const ulong Buffer = 0x12800;
    private const ulong Minus1 = ulong.MaxValue;
    private const int UtmBytes = 1 << 16;
    private const int Payload = 56;

    private MonitorBoard _board = null!;
    private EnclaveCreateArguments _layout;

    [SetUp]
    public void Start()
    {
        _board = new MonitorBoard();
        _layout = _board.Start(utmBytes: UtmBytes);
        Write(Data, "a/path\0"u8);
    }

    [TearDown]
    public void End() => _board.Dispose();

    // arguments; payload words as (offset, width, value); announced size.
    private static IEnumerable<TestCaseData> Layouts()
    {
        yield return Case("openat", 56, [3, Data, 0x241, 0x1b6], 8 + 12 + 7, [(0, 4, 3), (4, 4, 0x241), (8, 4, 0x1b6), (12, 4, 0x61702f61)]);
        yield return Case("unlinkat", 35, [3, Data, 0x200], 8 + 12 + 7, [(0, 4, 3), (4, 4, 0x200), (12, 4, 0x61702f61)]);
        yield return Case("read", 63, [5, Buffer, 100], 8 + 16 + 100, [(0, 4, 5), (8, 8, 100)]);
        yield return Case("write", 64, [5, Data, 6], 8 + 16 + 6, [(0, 4, 5), (8, 8, 6), (16, 4, 0x61702f61)]);
        yield return Case("close", 57, [7], 8 + 4, [(0, 4, 7)]);
        yield return Case("fsync", 82, [7], 8 + 4, [(0, 4, 7)]);
        yield return Case("sync", 81, [], 8, []);
        yield return Case("lseek", 62, [7, Minus1 - 9, 1], 8 + 24, [(0, 4, 7), (8, 8, Minus1 - 9), (16, 4, 1)]);
        yield return Case("ftruncate", 46, [7, 1UL << 40], 8 + 16, [(0, 4, 7), (8, 8, 1UL << 40)]);
        yield return Case("newfstatat", 79, [3, Data, Buffer, 0x100], 8 + 136 + 7, [(0, 4, 3), (4, 4, 0x100), (136, 4, 0x61702f61)]);
        yield return Case("fstat", 80, [1, Buffer], 8 + 136, [(0, 4, 1)]);
        yield return Case("fcntl", 25, [7, 4, 0x800], 8 + 16, [(0, 4, 7), (4, 4, 4), (8, 4, 0), (16, 8, 0x800)]);
        yield return Case("fcntl with lock", 25, [7, 6, Data], 8 + 16 + 32, [(8, 4, 1), (16, 4, 0x61702f61)]);
        yield return Case("getcwd", 17, [Buffer, 64], 8 + 8, [(0, 8, 64)]);
        yield return Case("chdir", 49, [Data], 8 + 7, [(0, 4, 0x61702f61)]);
        yield return Case("renameat2", 276, [3, Data, 4, Data, 1], 8 + 268, [(0, 4, 3), (4, 4, 0x61702f61), (132, 4, 4), (136, 4, 0x61702f61), (264, 4, 1)]);
        yield return Case("pipe2", 59, [Buffer, 0], 8, []);
        yield return Case("epoll_create1", 20, [0], 8 + 4, [(0, 4, 1024)]);
        yield return Case("epoll_ctl", 21, [3, 1, 4, Data], 8 + 24, [(0, 4, 3), (4, 4, 1), (8, 4, 4), (16, 4, 0x61702f61)]);
        yield return Case("epoll_pwait", 22, [3, Buffer, 64, 500], 8 + 32, [(0, 4, 3), (24, 4, 1), (28, 4, 500)]);
        yield return Case("umask", 166, [0x12], 8 + 4, [(0, 4, 0x12)]);
        yield return Case("getuid", 174, [], 8, []);
        yield return Case("socket", 198, [2, 1, 6], 8 + 12, [(0, 4, 2), (4, 4, 1), (8, 4, 6)]);
        yield return Case("bind", 200, [3, Data, 16], 8 + 144, [(0, 4, 3), (8, 4, 0x61702f61), (136, 4, 16)]);
        yield return Case("connect", 203, [3, Data, 16], 8 + 144, [(0, 4, 3), (8, 4, 0x61702f61), (136, 4, 16)]);
        yield return Case("listen", 201, [3, 5], 8 + 8, [(0, 4, 3), (4, 4, 5)]);
        yield return Case("accept", 202, [3, 0, 0], 8 + 144, [(0, 4, 3), (136, 4, 0)]);
        yield return Case("setsockopt", 208, [3, 1, 2, Data, 4], 8 + 16 + 4, [(0, 4, 3), (4, 4, 1), (8, 4, 2), (12, 4, 4), (16, 4, 0x61702f61)]);
        yield return Case("sendto", 206, [3, Data, 6, 0x40, 0, 0], 8 + 48 + 6, [(0, 4, 3), (8, 8, 6), (16, 4, 0x40), (20, 4, 1), (44, 4, 0x61702f61)]);
        yield return Case("sendto an address", 206, [3, Data, 6, 0, Data, 16], 8 + 48 + 6, [(20, 4, 0), (24, 4, 0x61702f61), (40, 4, 16)]);
        yield return Case("recvfrom", 207, [3, Buffer, 64, 1, 0, 0], 8 + 48, [(0, 4, 3), (8, 8, 64), (16, 4, 1), (20, 4, 1)]);
        yield return Case("sendfile", 71, [3, 4, 0, 100], 8 + 40, [(0, 4, 3), (8, 8, 4), (16, 4, 1), (32, 8, 100)]);
        yield return Case("pselect6", 72, [5, Data, 0, 0, 0, 0], 8 + 552, [(0, 4, 5), (4, 4, 0), (8, 4, 1), (12, 4, 1), (16, 4, 1), (20, 4, 1), (24, 4, 0x61702f61)]);
    }

    [TestCaseSource(nameof(Layouts))]
    public void Layout(ulong number, ulong[] a, int size, (int Offset, int Width, ulong Value)[] fields)
    {
        Utm[48..].Fill(0xCC);
        Call(number, a);
        Assert.That(_board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.EdgeCallHost)));
        Assert.That((Long(0), Long(8), Long(16), Long(48)), Is.EqualTo((11UL, 48UL, (ulong)size, number)));
        foreach ((int offset, int width, ulong value) in fields)
            Assert.That(width == 8 ? Long(Payload + offset) : BinaryPrimitives.ReadUInt32LittleEndian(Utm[(Payload + offset)..]), Is.EqualTo(value), $"at {offset}");
    }

    [TestCase(63UL, 100L, 100L)]
    [TestCase(63UL, 101L, -1L, Description = "more than was asked for")]
    [TestCase(63UL, long.MaxValue, -1L)]
    [TestCase(63UL, -1L, -1L)]
    [TestCase(63UL, -4L, -4L, Description = "an errno passes")]
    [TestCase(63UL, -5000L, -1L)]
    [TestCase(63UL, long.MinValue, -1L)]
    [TestCase(64UL, 101L, -1L)]
    [TestCase(56UL, 3L, 3L)]
    [TestCase(56UL, 1L << 31, -1L, Description = "no descriptor")]
    [TestCase(57UL, 0L, 0L)]
    [TestCase(57UL, 1L, -1L, Description = "close answers 0 or fails")]
    [TestCase(62UL, 1L << 40, 1L << 40)]
    [TestCase(56UL, 2L, -1L, Description = "a descriptor that is open")]
    [TestCase(22UL, 2L, -1L, Description = "there was room for one event")]
    public void ResultsAreBounded(ulong number, long answer, long expected)
    {
        Call(number, number switch { 56 => [3, Data, 0, 0], 62 => [3, 0, 2], 22 => [3, Buffer, 64, 0], _ => [3, Data, 100] });
        Assert.That((long)Answer(answer), Is.EqualTo(expected));
    }

    [Test]
    public void ReadBringsBytesAndNoMore()
    {
        Write(Buffer, new byte[16]);
        Call(63, 3, Buffer, 8);
        "01234567XXXXXXXX"u8.CopyTo(Utm[(Payload + 16)..]);
        Assert.That(Answer(4), Is.EqualTo(4));
        Assert.That(Encoding.ASCII.GetString(Bytes(Buffer, 8)), Is.EqualTo("0123\0\0\0\0"));
    }

    [Test]
    public void AResultMayLieAnywhereInTheBufferButMustBeWhole()
    {
        Call(57, 3);
        BinaryPrimitives.WriteInt64LittleEndian(Utm[4096..], -9);
        Header(0, 4096, 8);
        Assert.That((long)Resume(), Is.EqualTo(-9));
        Call(57, 3);
        Header(0, 48, 4);
        Assert.That((long)Resume(), Is.EqualTo(-1));
        Call(57, 3);
        Header(5, 48, 8);
        Assert.That((long)Resume(), Is.EqualTo(-1));
    }

    [Test]
    public void SeekingToAPlaceEndsThere()
    {
        Call(62, 3, 100, 0);
        Assert.That((long)Answer(100), Is.EqualTo(100));
        Call(62, 3, 100, 0);
        Assert.That((long)Answer(101), Is.EqualTo(-1));
    }

    [Test]
    public void APipeHasTwoNewEnds()
    {
        Call(59, Buffer, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(Utm[Payload..], (8UL << 32) | 7);
        Assert.That(Answer(0), Is.Zero);
        Assert.That(Bytes(Buffer, 8), Is.EqualTo(new byte[] { 7, 0, 0, 0, 8, 0, 0, 0 }));
        Call(56, 3, Data, 0);
        Assert.That((long)Answer(7), Is.EqualTo(-1), "open already");
        Call(57, 7);
        Answer(0);
        Call(56, 3, Data, 0);
        Assert.That((long)Answer(7), Is.EqualTo(7), "closed meanwhile");
    }

    /// <summary>A transfer that the buffer cannot hold goes in pieces, until the host gives less than it was asked for.</summary>
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(4)]
    public void ALongReadGoesInPieces(int pieces)
    {
        const ulong Length = 4 * UtmBytes;
        const ulong Room = UtmBytes - Payload - 16;
        const ulong Last = 16;
        ulong at = _board.Ecall(222, 0, Length, 3, 0x22, Minus1);
        Call(63, 3, at, Length);
        for (int i = 1; i <= pieces; i++)
        {
            Assert.That(_board.Returned, Is.Not.Null);
            Assert.That(Long(Payload + 8), Is.EqualTo(Room));
            Utm[(Payload + 16)..].Fill((byte)i);
            Answer((long)(i == pieces ? Last : Room));
        }

        ulong result = ((ulong)(pieces - 1) * Room) + Last;
        Assert.That(_board.Hart.State->X[10], Is.EqualTo(result));
        Assert.That(Bytes(at + result - 1, 1), Is.EqualTo(new[] { (byte)pieces }));
    }

    [Test]
    public void APathMustEndInTheEappsMemory()
    {
        Write(0x13ff8, "no zero."u8); // the last bytes of the eapp's memory
        Call(56, 3, 0x13ff8, 0, 0);
        Assert.That(_board.Returned, Is.Null);
        Assert.That(_board.Hart.State->X[10], Is.EqualTo(Minus1));
        Call(276, 3, Minus1, 4, Data, 0);
        Assert.That(_board.Returned, Is.Null);
    }

    [Test]
    public void GetcwdIsBoundedByTheEappsBuffer()
    {
        Write(Buffer, Enumerable.Repeat((byte)0xEE, 64).ToArray());
        Call(17, Buffer, 8);
        "/home/somebody/else\0"u8.CopyTo(Utm[(Payload + 8)..]);
        Assert.That(Answer(0x7fff_0000), Is.EqualTo(Minus1));
        Assert.That(Bytes(Buffer, 64), Is.All.EqualTo(0xEE));
        Call(17, Buffer, 64);
        "/home\0"u8.CopyTo(Utm[(Payload + 8)..]);
        Assert.That(Answer(0x7fff_0000), Is.EqualTo(6));
        Assert.That(Encoding.ASCII.GetString(Bytes(Buffer, 6)), Is.EqualTo("/home\0"));
        Call(17, Buffer, 64);
        Assert.That(Answer(0), Is.EqualTo(Minus1), "the host's NULL");
    }

    [Test]
    public void AddressLengthsOfTheHostAreClamped()
    {
        Write(Buffer, Enumerable.Repeat((byte)0xEE, 64).ToArray());
        Write(Data, BitConverter.GetBytes(16u));
        Call(202, 3, Buffer, Data);
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(Utm[(Payload + 136)..]), Is.EqualTo(16));
        Utm.Slice(Payload + 8, 128).Fill(0x11);
        BinaryPrimitives.WriteUInt32LittleEndian(Utm[(Payload + 136)..], uint.MaxValue);
        Assert.That(Answer(4), Is.EqualTo(4));
        Assert.That(Bytes(Buffer, 16), Is.All.EqualTo(0x11));
        Assert.That(Bytes(Buffer + 16, 48), Is.All.EqualTo(0xEE));
        Assert.That(BitConverter.ToUInt32(Bytes(Data, 4)), Is.EqualTo(128));
    }

    [Test]
    public void StatusOfAFile()
    {
        Call(80, 1, Buffer);
        Utm.Slice(Payload + 8, 128).Fill(0x77);
        Assert.That(Answer(0), Is.Zero);
        Assert.That(Bytes(Buffer, 128), Is.All.EqualTo(0x77));
        Assert.That(Bytes(Buffer + 128, 8), Is.All.Zero);
    }

    [Test]
    public void WritevIsAsManyWrites()
    {
        Write(Buffer, [.. Pair(Data, 2), .. Pair(Data + 2, 3), .. Pair(0, 0)]);
        Call(66, 1, Buffer, 3);
        Assert.That((Long(48), Long(Payload + 8)), Is.EqualTo((64, 2)));
        Answer(2);
        Assert.That(_board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.EdgeCallHost)));
        Assert.That(Long(Payload + 8), Is.EqualTo(3));
        Answer(3);
        Assert.That(Long(Payload + 8), Is.Zero);
        Assert.That(Answer(0), Is.EqualTo(5));
        Assert.That(_board.Returned, Is.Null);
    }

    [Test]
    public void AShortWriteEndsTheVector()
    {
        Write(Buffer, [.. Pair(Data, 4), .. Pair(Data, 4)]);
        Call(66, 1, Buffer, 2);
        Assert.That(Answer(3), Is.EqualTo(3));
        Call(66, 1, Buffer, 2);
        Assert.That((long)Answer(-1), Is.EqualTo(-1));
        Assert.That(_board.Returned, Is.Null);
    }

    [TestCase(0UL, 0L)]
    [TestCase(2000UL, -1L)]
    [TestCase(Minus1, -1L)]
    public void OddVectors(ulong count, long expected)
    {
        Call(66, 1, Buffer, count);
        Assert.That(_board.Returned, Is.Null);
        Assert.That((long)_board.Hart.State->X[10], Is.EqualTo(expected));
    }

    private Span<byte> Utm => _board.Utm(_layout);

    private void Call(ulong number, params ulong[] a) =>
        _board.Ecall(number, At(a, 0), At(a, 1), At(a, 2), At(a, 3), At(a, 4), At(a, 5));

    private static ulong At(ulong[] a, int i) => i < a.Length ? a[i] : 0;

    private ulong Answer(long result)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Utm[48..], result);
        Header(0, 48, 8);
        return Resume();
    }

    private void Header(ulong status, ulong offset, ulong size)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Utm[24..], status);
        BinaryPrimitives.WriteUInt64LittleEndian(Utm[32..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(Utm[40..], size);
    }

    private ulong Resume()
    {
        _board.Resume(0);
        return _board.Hart.State->X[10];
    }

    private ulong Long(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Utm[offset..]);

    private void Write(ulong address, ReadOnlySpan<byte> bytes) => Assert.That(_board.Hart.World.TryWrite(address, bytes), Is.True);

    private byte[] Bytes(ulong address, int count)
    {
        byte[] bytes = new byte[count];
        Assert.That(_board.Hart.World.TryRead(address, bytes), Is.True);
        return bytes;
    }

    private static byte[] Pair(ulong address, ulong length) => [.. BitConverter.GetBytes(address), .. BitConverter.GetBytes(length)];

    private static TestCaseData Case(string name, ulong number, ulong[] a, int size, (int Offset, int Width, ulong Value)[] fields) =>
        new TestCaseData(number, a, size, fields).SetArgDisplayNames(name);
}
