using System.Text;
using NUnit.Framework;
using RvJit.Machine;
using RvJit.Machine.Board;
using RvJit.Monitor.Sbi;

namespace RvJit.Tests.Monitor;

/// <summary>The native SBI against the specification's rules (SBI 2.0); the test makes the calls, no guest code.</summary>
public sealed unsafe class SbiFirmwareTests
{
    private const ulong Time = 0x54494D45;
    private const ulong Ipi = 0x735049;
    private const ulong RemoteFence = 0x52464E43;
    private const ulong HartStates = 0x48534D;
    private const ulong SystemReset = 0x53525354;
    private const ulong DebugConsole = 0x4442434E;
    private const long NotSupported = -2;
    private const long InvalidParameter = -3;
    private const long InvalidAddress = -5;
    private const long AlreadyAvailable = -6;

    private Platform _platform = null!;
    private SbiFirmware _firmware = null!;
    private Hart _hart = null!;

    [SetUp]
    public void SetUp()
    {
        _platform = new Platform();
        _firmware = new SbiFirmware(_platform);
        _hart = new Hart(0);
    }

    [TearDown]
    public void TearDown()
    {
        _hart.Dispose();
        _platform.Dispose();
    }

    [Test]
    public void SaysWhichSpecificationItFollows() => Assert.That(Call(0x10, 0), Is.EqualTo((0, 0x0200_0000)));

    [TestCase(0x10ul, 1)]
    [TestCase(Time, 1)]
    [TestCase(Ipi, 1)]
    [TestCase(RemoteFence, 1)]
    [TestCase(HartStates, 1)]
    [TestCase(SystemReset, 1)]
    [TestCase(DebugConsole, 1)]
    [TestCase(0x504D55ul, 0)]
    [TestCase(0x53555350ul, 0)]
    [TestCase(0x43505043ul, 0)]
    public void ProbesTellTheTruth(ulong extension, int there)
    {
        Assert.That(Call(0x10, 3, extension), Is.EqualTo((0, there)));
        if (there == 0)
            Assert.That(Call(extension, 0).Error, Is.EqualTo(NotSupported));
    }

    [Test]
    public void ChangesNoOtherRegisterAndMovesOn()
    {
        for (int i = 1; i < 32; i++)
            _hart.State->X[i] = (ulong)i * 3;
        _hart.State->Pc = 0x8020_0000;
        _hart.State->X[17] = 0x10;
        _hart.State->X[16] = 4;
        Assert.That(_firmware.Call(_hart), Is.EqualTo(TrapOutcome.Resume));
        Assert.That(_hart.State->Pc, Is.EqualTo(0x8020_0004));
        for (int i = 1; i < 32; i++)
        {
            ulong expected = i switch { 10 or 11 => 0, 16 => 4, 17 => 0x10, _ => (ulong)i * 3 };
            Assert.That(_hart.State->X[i], Is.EqualTo(expected), $"x{i}");
        }
    }

    [Test]
    public void UnknownFunctionsAreNotSupported([Values(0x10ul, Time, Ipi, RemoteFence, HartStates, SystemReset, DebugConsole)] ulong extension) =>
        Assert.That(Call(extension, 99), Is.EqualTo((NotSupported, 0)));

    [Test]
    public void SetsTheCallersTimer()
    {
        Assert.That(Call(Time, 0, 123456), Is.EqualTo((0, 0)));
        Assert.That(_platform.Log, Is.EqualTo(["timer 0 123456"]));
    }

    [Test]
    public void SendsToTheHartsOfAMask()
    {
        Assert.That(Call(Ipi, 0, 0b101, 1), Is.EqualTo((0, 0)));
        Assert.That(_platform.Log, Is.EqualTo(["ipi 1", "ipi 3"]));
    }

    [Test]
    public void AMaskBaseOfMinusOneIsEveryHart()
    {
        Assert.That(Call(RemoteFence, 0, 0, ulong.MaxValue), Is.EqualTo((0, 0)));
        Assert.That(_platform.Log, Is.EqualTo(["fence.i 0", "fence.i 1", "fence.i 2", "fence.i 3"]));
    }

    [TestCase(0b1_0000ul, 0ul)]
    [TestCase(0b1ul, 4ul)]
    [TestCase(0b10ul, 0xFFFF_FFFF_FFFF_FFFEul)]
    public void AnUnknownHartRefusesTheWholeCall(ulong mask, ulong first)
    {
        Assert.That(Call(Ipi, 0, mask, first), Is.EqualTo((InvalidParameter, 0)));
        Assert.That(_platform.Log, Is.Empty);
    }

    [Test]
    public void RemoteFencesCarryRangeAndAddressSpace()
    {
        Assert.That(Call(RemoteFence, 1, 1, 2, 0x1000, 0x3000), Is.EqualTo((0, 0)));
        Assert.That(Call(RemoteFence, 2, 1, 2, 0x1000, 0x3000, 7), Is.EqualTo((0, 0)));
        Assert.That(Call(RemoteFence, 3, 1, 2).Error, Is.EqualTo(NotSupported));
        Assert.That(_platform.Log, Is.EqualTo(["sfence 2 1000 3000 ", "sfence 2 1000 3000 7"]));
    }

    [Test]
    public void StartsAHartOnce()
    {
        Assert.That(Call(HartStates, 2, 3), Is.EqualTo((0, 1)));
        Assert.That(Call(HartStates, 0, 3, 0x8010_0000, 42), Is.EqualTo((0, 0)));
        Assert.That(Call(HartStates, 2, 3), Is.EqualTo((0, 0)));
        Assert.That(Call(HartStates, 0, 3, 0x8010_0000, 42).Error, Is.EqualTo(AlreadyAvailable));
        Assert.That(_platform.Log, Is.EqualTo(["start 3 80100000 42"]));
    }

    [TestCase(4ul, 0x8010_0000ul, InvalidParameter)]
    [TestCase(1ul, 0x1000ul, InvalidAddress)]
    [TestCase(1ul, 0x8010_0001ul, InvalidAddress)]
    [TestCase(1ul, 0xFFFF_FFFF_FFFF_FFFEul, InvalidAddress)]
    public void RefusesToStart(ulong hart, ulong address, long error) =>
        Assert.That(Call(HartStates, 0, hart, address), Is.EqualTo((error, 0)));

    [Test]
    public void StopEndsTheHart()
    {
        _hart.State->X[17] = HartStates;
        _hart.State->X[16] = 1;
        Assert.That(_firmware.Call(_hart), Is.EqualTo(TrapOutcome.Exit));
        Assert.That(_platform.Log, Is.EqualTo(["stop 0"]));
    }

    [TestCase(0ul, 0ul, "reset Shutdown False")]
    [TestCase(1ul, 1ul, "reset ColdReboot True")]
    [TestCase(0xFFFF_FFFF_0000_0002ul, 0ul, "reset WarmReboot False")]
    public void Resets(ulong type, ulong reason, string expected)
    {
        Assert.That(Call(SystemReset, 0, type, reason).Error, Is.Zero);
        Assert.That(_platform.Log, Is.EqualTo([expected]));
    }

    [Test]
    public void ReservedResetTypesAreRefused() => Assert.That(Call(SystemReset, 0, 3).Error, Is.EqualTo(InvalidParameter));

    [Test]
    public void ConsoleWritesFromMemory()
    {
        Assert.That(_platform.Memory.TryWrite(0x8000_1000, "hello"u8), Is.True);
        Assert.That(Call(DebugConsole, 0, 5, 0x8000_1000), Is.EqualTo((0, 5)));
        Assert.That(Call(DebugConsole, 2, '!'), Is.EqualTo((0, 0)));
        Assert.That(_platform.Written, Is.EqualTo("hello!"));
    }

    [Test]
    public void ConsoleReadsIntoMemory()
    {
        _platform.Typed.Enqueue((byte)'a');
        _platform.Typed.Enqueue((byte)'b');
        Assert.That(Call(DebugConsole, 1, 16, 0x8000_1000), Is.EqualTo((0, 2)));
        Span<byte> read = stackalloc byte[3];
        Assert.That(_platform.Memory.TryRead(0x8000_1000, read), Is.True);
        Assert.That(Encoding.ASCII.GetString(read), Is.EqualTo("ab\0"));
    }

    [TestCase(1ul, 0x1000ul, 0ul)]
    [TestCase(5ul, Platform.MemoryEnd - 4, 0ul)]
    [TestCase(ulong.MaxValue, 0x8000_0000ul, 0ul)]
    [TestCase(1ul, 0x8000_0000ul, 1ul)]
    public void ConsoleStaysInsideMemory(ulong count, ulong low, ulong high)
    {
        Assert.That(Call(DebugConsole, 0, count, low, high), Is.EqualTo((InvalidParameter, 0)));
        Assert.That(Call(DebugConsole, 1, count, low, high), Is.EqualTo((InvalidParameter, 0)));
        Assert.That(_platform.Written, Is.Empty);
    }

    [Test]
    public void LegacyCallsReturnA0Alone()
    {
        _hart.State->X[11] = 77;
        _platform.Typed.Enqueue((byte)'x');
        Assert.That(Legacy(2), Is.EqualTo('x'));
        Assert.That(Legacy(2), Is.EqualTo(ulong.MaxValue));
        Assert.That(Legacy(1, 'y'), Is.Zero);
        Assert.That(Legacy(0, 5), Is.Zero);
        Assert.That(Legacy(8), Is.Zero);
        Assert.That(_hart.State->X[11], Is.EqualTo(77));
        Assert.That(_platform.Written, Is.EqualTo("y"));
        Assert.That(_platform.Log, Is.EqualTo(["timer 0 5", "reset Shutdown False"]));
    }

    private ulong Legacy(ulong extension, ulong argument = 0)
    {
        _hart.State->X[17] = extension;
        _hart.State->X[10] = argument;
        _firmware.Call(_hart);
        return _hart.State->X[10];
    }

    private (long Error, ulong Value) Call(ulong extension, ulong function, params ReadOnlySpan<ulong> arguments)
    {
        HartState* st = _hart.State;
        for (int i = 0; i < 6; i++)
            st->X[10 + i] = i < arguments.Length ? arguments[i] : 0;
        st->X[16] = function;
        st->X[17] = extension;
        Assert.That(_firmware.Call(_hart), Is.EqualTo(TrapOutcome.Resume));
        return ((long)st->X[10], st->X[11]);
    }

    /// <summary>A board of four harts that writes down what it was asked for.</summary>
    private sealed class Platform : ISbiPlatform, IDisposable
    {
        public const ulong MemoryEnd = PhysicalMemory.DefaultBase + MemoryBytes;
        private const ulong MemoryBytes = 4 << 20;

        private readonly PhysicalMemory _ram = new(MemoryBytes);
        private readonly HashSet<int> _started = [0];
        private readonly StringBuilder _written = new();

        public Platform() => Memory = new DmaMemory(_ram);

        public List<string> Log { get; } = [];

        public Queue<byte> Typed { get; } = new();

        public string Written => _written.ToString();

        public int HartCount => 4;

        public DmaMemory Memory { get; }

        public void SetTimer(int hart, ulong time) => Log.Add($"timer {hart} {time}");

        public void SendIpi(int hart) => Log.Add($"ipi {hart}");

        public void FenceTranslation(int hart, ulong start, ulong size, ulong? space) =>
            Log.Add($"sfence {hart} {start:x} {size:x} {space}");

        public void FenceInstruction(int hart) => Log.Add($"fence.i {hart}");

        public SbiHartState StateOf(int hart) => _started.Contains(hart) ? SbiHartState.Started : SbiHartState.Stopped;

        public bool TryStart(int hart, ulong address, ulong opaque)
        {
            if (!_started.Add(hart))
                return false;
            Log.Add($"start {hart} {address:x} {opaque}");
            return true;
        }

        public void Stop(int hart) => Log.Add($"stop {hart}");

        public void Suspend(Hart hart) => Log.Add($"suspend {hart.Id}");

        public void Reset(SbiResetType type, bool failure) => Log.Add($"reset {type} {failure}");

        public void WriteConsole(ReadOnlySpan<byte> bytes) => _written.Append(Encoding.ASCII.GetString(bytes));

        public int ReadConsole(Span<byte> bytes)
        {
            int count = 0;
            while (count < bytes.Length && Typed.TryDequeue(out byte next))
                bytes[count++] = next;
            return count;
        }

        public void Dispose() => _ram.Dispose();
    }
}
