using System.Buffers.Binary;
using System.Text;
using NUnit.Framework;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;

namespace RvJit.Tests.Monitor;

/// <summary>Bytes of the shared buffer, and hosts that lie in it (Keystone runtime/call/syscall.c, sdk/src/edge/edge_call.c).</summary>
public unsafe class EdgeBufferTests
{
    private const ulong Data = 0x12000;
    private const ulong Result = 0x12800;
    private const int UtmBytes = 1 << 16;

    private MonitorBoard _board = null!;
    private EnclaveCreateArguments _layout;

    [SetUp]
    public void Start()
    {
        _board = new MonitorBoard();
        _layout = _board.Start(utmBytes: UtmBytes);
    }

    [TearDown]
    public void End() => _board.Dispose();

    [Test]
    public void AnOcallLooksAsOnHardware()
    {
        World world = _board.Hart.World;
        world.TryWrite(Data, "a message"u8);
        _board.Ecall(RuntimeCall.Ocall, 5, Data, 9);
        Assert.That(Words(0, 6), Is.EqualTo(new ulong[] { 5, 48, 9, 0, 0, 0 }));
        Assert.That(Encoding.ASCII.GetString(Utm.Slice(48, 9)), Is.EqualTo("a message"));
        Assert.That(Resume(), Is.Zero);
    }

    [Test]
    public void TheResultIsCopiedUpToTheEappsLength()
    {
        _board.Hart.World.TryWrite(Result, ulong.MaxValue);
        _board.Hart.World.TryWrite(Result + 8, ulong.MaxValue);
        _board.Ecall(RuntimeCall.Ocall, 1, Data, 0, Result, 8);
        "0123456789"u8.CopyTo(Utm[200..]);
        Answer(0, 200, 10);
        Assert.That(Resume(), Is.Zero);
        _board.Hart.World.TryRead(Result, out ulong got);
        _board.Hart.World.TryRead(Result + 8, out ulong behind);
        Assert.That((got, behind), Is.EqualTo((BinaryPrimitives.ReadUInt64LittleEndian("01234567"u8), ulong.MaxValue)));
    }

    [Test]
    public void AShortResultIsCopiedShort()
    {
        _board.Hart.World.TryWrite(Result, 0UL);
        _board.Ecall(RuntimeCall.Ocall, 1, Data, 0, Result, 8);
        "0123"u8.CopyTo(Utm[48..]);
        Answer(0, 48, 4);
        Assert.That(Resume(), Is.Zero);
        _board.Hart.World.TryRead(Result, out ulong got);
        Assert.That(got, Is.EqualTo(0x33323130));
    }

    [TestCase(1UL, 48UL, 8UL, Description = "bad call id")]
    [TestCase(4UL, 48UL, 8UL, Description = "error")]
    [TestCase(0UL, (ulong)UtmBytes, 0UL, Description = "offset at the end")]
    [TestCase(0UL, (ulong)UtmBytes, 8UL, Description = "offset past the end")]
    [TestCase(0UL, UtmBytes - 4UL, 8UL, Description = "size past the end")]
    [TestCase(0UL, 48UL, (ulong)UtmBytes, Description = "size too large")]
    [TestCase(0UL, ulong.MaxValue, 8UL, Description = "offset wraps")]
    [TestCase(0UL, 48UL, ulong.MaxValue - 40, Description = "sum wraps")]
    [TestCase(0UL, 0x8000_0000UL, 8UL, Description = "offset leaves int")]
    public void AHostThatLiesGetsOne(ulong status, ulong offset, ulong size)
    {
        _board.Hart.World.TryWrite(Result, 0x1122_3344_5566_7788UL);
        _board.Ecall(RuntimeCall.Ocall, 1, Data, 0, Result, 8);
        Answer(status, offset, size);
        Assert.That(Resume(), Is.EqualTo(1));
        _board.Hart.World.TryRead(Result, out ulong kept);
        Assert.That(kept, Is.EqualTo(0x1122_3344_5566_7788UL));
    }

    [Test]
    public void WithoutAResultOnlyTheStatusCounts()
    {
        _board.Ecall(RuntimeCall.Ocall, 1);
        Answer(0, ulong.MaxValue, ulong.MaxValue);
        Assert.That(Resume(), Is.Zero);
        _board.Ecall(RuntimeCall.Ocall, 1);
        Answer(3, 0, 0);
        Assert.That(Resume(), Is.EqualTo(1));
    }

    [TestCase(UtmBytes - 48UL, true)]
    [TestCase(UtmBytes - 47UL, false)]
    [TestCase(ulong.MaxValue, false)]
    [TestCase(0x1_0000_0000UL, false)]
    public void DataMustFitTheBuffer(ulong length, bool posted)
    {
        ulong memory = _board.Ecall(222, 0, UtmBytes, 3, 0x22, ulong.MaxValue);
        ulong a0 = _board.Ecall(RuntimeCall.Ocall, 1, memory, length);
        Assert.That(_board.Returned is not null, Is.EqualTo(posted));
        if (!posted)
            Assert.That(a0, Is.EqualTo(1));
    }

    [TestCase(0UL, Description = "nothing mapped")]
    [TestCase(0x10ff8UL + 8, Description = "runs off the code page")]
    [TestCase(ulong.MaxValue - 4)]
    [TestCase(0xffff_ffff_8000_0000UL, Description = "the runtime's own address of the UTM")]
    [TestCase(0xffff_ffff_0000_0000UL, Description = "the runtime's own address of the EPM")]
    public void DataMustBeTheEapps(ulong address)
    {
        Assert.That(_board.Ecall(RuntimeCall.Ocall, 1, address, 16), Is.EqualTo(1));
        Assert.That(_board.Returned, Is.Null);
        Assert.That(_board.Ecall(RuntimeCall.SharedCopy, address, 0, 16), Is.EqualTo(1));
    }

    [Test]
    public void AResultMayNotGoWhereTheEappCannotWrite()
    {
        _board.Ecall(RuntimeCall.Ocall, 1, Data, 0, 0x10000, 8);
        Answer(0, 48, 8);
        Assert.That(Resume(), Is.EqualTo(1));
    }

    [TestCase(0UL, 16UL, 0UL)]
    [TestCase(UtmBytes - 16UL, 16UL, 0UL)]
    [TestCase(UtmBytes - 16UL, 17UL, 1UL)]
    [TestCase((ulong)UtmBytes, 0UL, 1UL)]
    [TestCase(0UL, UtmBytes + 1UL, 1UL)]
    [TestCase(8UL, ulong.MaxValue, 1UL)]
    [TestCase(ulong.MaxValue, 8UL, 1UL)]
    public void SharedCopyStaysInside(ulong offset, ulong length, ulong expected)
    {
        Utm.Fill(0x5A);
        Assert.That(_board.Ecall(RuntimeCall.SharedCopy, Data, offset, length), Is.EqualTo(expected));
    }

    [Test]
    public void TheLastCallsResultCannotBeReplayed()
    {
        _board.Ecall(RuntimeCall.Ocall, 1, Data, 0, Result, 8);
        Answer(4, 48, 8);
        Resume();
        _board.Ecall(RuntimeCall.Ocall, 1, Data, 0, Result, 8);
        Assert.That(Words(3, 3), Is.EqualTo(new ulong[] { 0, 0, 0 }));
    }

    [Test]
    public void AnUnknownCallIsMinusOne()
    {
        Assert.That(_board.Ecall(RuntimeCall.Unknown), Is.EqualTo(ulong.MaxValue));
        Assert.That(_board.Ecall(1099), Is.EqualTo(ulong.MaxValue));
        Assert.That(_board.Ecall(99), Is.EqualTo(ulong.MaxValue));
        Assert.That(_board.Ecall(ulong.MaxValue), Is.EqualTo(ulong.MaxValue));
        Assert.That(_board.Returned, Is.Null);
    }

    [Test]
    public void AnswersAreFuzzed()
    {
        var random = new Random(4711);
        ulong[] interesting = [0, 1, 8, 47, 48, 49, UtmBytes - 8, UtmBytes - 1, UtmBytes, UtmBytes + 1, int.MaxValue, uint.MaxValue, ulong.MaxValue, ulong.MaxValue - 47, 1UL << 63];
        ulong[] calls = [1001, 17, 22, 25, 56, 57, 59, 62, 63, 64, 65, 66, 71, 72, 79, 80, 198, 202, 203, 204, 205, 206, 207, 208, 276];
        for (int round = 0; round < 20_000; round++)
        {
            ulong Argument() => random.Next(4) == 0 ? interesting[random.Next(interesting.Length)] : random.Next(3) == 0 ? Data + (ulong)random.Next(0x1000) : (ulong)random.Next(300);
            _board.Ecall(calls[random.Next(calls.Length)], Argument(), Argument(), Argument(), Argument(), Argument(), Argument());
            while (_board.Returned is { Error: KeystoneError.EdgeCallHost })
            {
                if (random.Next(2) == 0)
                    random.NextBytes(Utm[..256]);
                Answer(random.Next(8) == 0 ? 1UL : 0, random.Next(2) == 0 ? 48 : interesting[random.Next(interesting.Length)], random.Next(2) == 0 ? 8 : interesting[random.Next(interesting.Length)]);
                BinaryPrimitives.WriteUInt64LittleEndian(Utm[48..], interesting[random.Next(interesting.Length)]);
                Resume();
            }

            Assert.That(_board.Hart.World.IsEnclave, Is.True, $"round {round}");
        }
    }

    private Span<byte> Utm => _board.Utm(_layout);

    private ulong Resume()
    {
        _board.Resume(0);
        return _board.Hart.State->X[10];
    }

    private void Answer(ulong status, ulong offset, ulong size)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Utm[24..], status);
        BinaryPrimitives.WriteUInt64LittleEndian(Utm[32..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(Utm[40..], size);
    }

    private ulong[] Words(int first, int count)
    {
        ulong[] words = new ulong[count];
        for (int i = 0; i < count; i++)
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(Utm[((first + i) * 8)..]);
        return words;
    }
}
