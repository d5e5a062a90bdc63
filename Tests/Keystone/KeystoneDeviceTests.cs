using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NUnit.Framework;
using RvJit.Guest.Keystone;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Mapping;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Tests.Monitor;

namespace RvJit.Tests.Keystone;

/// <summary>The device alone, with a kernel thread made by hand (Keystone linux-keystone-driver/keystone-ioctl.c, keystone.c).</summary>
public sealed unsafe class KeystoneDeviceTests
{
    private const ulong Argument = 0x10_0000;
    private MonitorBoard _board = null!;
    private KeystoneDriver _driver = null!;
    private LinuxThread _thread = null!;
    private GuestFile _file = null!;

    [SetUp]
    public void Open()
    {
        _board = new MonitorBoard();
        _driver = new KeystoneDriver(_board.Monitor);
        _thread = Thread(_board.HostWorld, _board.Hart);
        _board.HostWorld.TryMap(Argument, 4096, _board.Allocate(4096), Access.ReadWrite);
        _file = OpenFile(_thread);
    }

    [TearDown]
    public void End() => _board.Dispose();

    [Test]
    public void NumbersAndSizes() => Assert.Multiple(() =>
    {
        Assert.That(Unsafe.SizeOf<CreateEnclaveArgument>(), Is.EqualTo(80));
        Assert.That(Unsafe.SizeOf<RunEnclaveArgument>(), Is.EqualTo(24));
        Assert.That((int)Marshal.OffsetOf<CreateEnclaveArgument>(nameof(CreateEnclaveArgument.EpmAddress)), Is.EqualTo(56));
        Assert.That((int)Marshal.OffsetOf<CreateEnclaveArgument>(nameof(CreateEnclaveArgument.UtmAddress)), Is.EqualTo(72));
        Assert.That(KeystoneDriverAbi.ArgumentSize(KeystoneDriverAbi.Finalize), Is.EqualTo(80));
        Assert.That(KeystoneDriverAbi.ArgumentSize(KeystoneDriverAbi.Resume), Is.EqualTo(24));
        Assert.That(KeystoneDriverAbi.ArgumentSize(uint.MaxValue), Is.EqualTo(512));
        Assert.That(_driver.Provides("/dev/keystone_enclave"), Is.True);
        Assert.That(_driver.Provides("/dev/keystone"), Is.False);
    });

    [TestCase(1UL, 4096UL)]
    [TestCase(2UL, 8192UL)]
    [TestCase(5UL, 32768UL)]
    [TestCase(4097UL, 8192UL * 4096)]
    [TestCase((1UL << 32) + 3, 16384UL, Description = "the driver keeps 32 bits")]
    public void CreateRoundsUpToAPowerOfTwo(ulong pages, ulong bytes)
    {
        var argument = new CreateEnclaveArgument { MinimumPages = pages };
        Assert.That(Ioctl(KeystoneDriverAbi.Create, ref argument), Is.Zero);
        Assert.That((argument.Id, argument.EpmSize), Is.EqualTo((0x1000, bytes)));
        Assert.That(argument.EpmAddress % bytes, Is.Zero);
        Assert.That(_board.Memory.Span(argument.EpmAddress, (int)bytes).IndexOfAnyExcept((byte)0), Is.Negative);
    }

    [TestCase(0UL)]
    [TestCase(1UL << 32)]
    [TestCase(ulong.MaxValue)]
    public void CreateOfNothingOrTooMuch(ulong pages)
    {
        var argument = new CreateEnclaveArgument { MinimumPages = pages };
        Assert.That(Ioctl(KeystoneDriverAbi.Create, ref argument), Is.EqualTo(-Errno.ENOMEM));
        Assert.That(argument.Id, Is.Zero);
    }

    [Test]
    public void MemoryComesBack()
    {
        for (int i = 0; i < 100; i++)
        {
            GuestFile file = OpenFile(_thread);
            ulong id = Finished(file, 1 << 12, out CreateEnclaveArgument made);
            Assert.That(made.Id, Is.EqualTo(0x1000));
            if (i % 2 == 0)
                Assert.That(Ioctl(KeystoneDriverAbi.Destroy, ref made, file), Is.Zero);
            file.Release();
            Assert.That(_board.Monitor.Enclaves, Is.Empty, $"{id}");
        }
    }

    [Test]
    public void MemoryWaitsForTheLastMapping()
    {
        var made = new CreateEnclaveArgument { MinimumPages = 4 };
        Ioctl(KeystoneDriverAbi.Create, ref made);
        var request = new DeviceMapRequest(0x20_0000, 4096, 3, 1, 0x1000);
        Assert.That(_file.TryMap(_thread, request, out ulong physical), Is.Zero);
        Assert.That(physical, Is.EqualTo(made.EpmAddress + 0x1000));
        _board.Memory.Span(physical, 1)[0] = 1;
        Assert.That(Ioctl(KeystoneDriverAbi.Destroy, ref made), Is.Zero);
        Assert.That(_board.Allocate(made.EpmSize), Is.Not.EqualTo(made.EpmAddress));
        _file.Unmapped(request);
        Assert.That(_board.Allocate(made.EpmSize), Is.EqualTo(made.EpmAddress));
        Assert.That(_board.Memory.Span(physical, 1)[0], Is.Zero);
    }

    [TestCase(0UL, 4096UL, 0)]
    [TestCase(0x3000UL, 4096UL, 0)]
    [TestCase(0x3000UL, 1UL, 0, Description = "part of a page")]
    [TestCase(0x4000UL, 4096UL, -Errno.EINVAL)]
    [TestCase(0x3001UL, 4096UL, -Errno.EINVAL)]
    [TestCase(0UL, 4097UL, -Errno.EINVAL)]
    [TestCase(ulong.MaxValue - 4095, 4096UL, -Errno.EINVAL)]
    [TestCase(0UL, ulong.MaxValue, -Errno.EINVAL)]
    public void PagesOfTheEpmBeforeFinalize(ulong offset, ulong length, int expected)
    {
        var made = new CreateEnclaveArgument { MinimumPages = 4 };
        Ioctl(KeystoneDriverAbi.Create, ref made);
        Assert.That(_file.TryMap(_thread, new DeviceMapRequest(0x20_0000, length, 3, 1, offset), out _), Is.EqualTo(expected));
    }

    [TestCase(0UL, 8192UL, 0)]
    [TestCase(0x10_0000UL, 8192UL, 0, Description = "the offset does not matter")]
    [TestCase(0UL, 8193UL, -Errno.EINVAL)]
    public void TheUtmAfterFinalize(ulong offset, ulong length, int expected)
    {
        Finished(_file, 8000, out CreateEnclaveArgument made);
        Assert.That(_file.TryMap(_thread, new DeviceMapRequest(0x20_0000, length, 3, 1, offset), out ulong physical), Is.EqualTo(expected));
        if (expected == 0)
            Assert.That(physical, Is.EqualTo(made.UtmAddress));
    }

    [Test]
    public void AnEnclaveBelongsToItsFile()
    {
        ulong id = Finished(_file, 4096, out CreateEnclaveArgument made);
        GuestFile file = OpenFile(_thread);
        foreach (uint request in new[] { KeystoneDriverAbi.Destroy, KeystoneDriverAbi.Finalize, KeystoneDriverAbi.UtmInit, KeystoneDriverAbi.Run, KeystoneDriverAbi.Resume })
        {
            _board.HostWorld.TryWrite(Argument, id);
            Assert.That(file.Ioctl(_thread, request, Argument), Is.EqualTo(-Errno.EINVAL));
        }

        Assert.That(file.TryMap(_thread, new DeviceMapRequest(0x20_0000, 4096, 3, 1, 0), out _), Is.EqualTo(-Errno.EINVAL));
        file.Release();
        Assert.That(Ioctl(KeystoneDriverAbi.Destroy, ref made), Is.Zero);
    }

    [Test]
    public void ClosingAFileDestroysAllItsEnclaves()
    {
        GuestFile file = OpenFile(_thread);
        Finished(file, 4096, out _);
        Finished(file, 4096, out _);
        Assert.That(_board.Monitor.Enclaves, Has.Count.EqualTo(2));
        file.Release();
        Assert.That(_board.Monitor.Enclaves, Is.Empty);
    }

    [Test]
    public void ARefusedEnclaveIsGone()
    {
        var made = new CreateEnclaveArgument { MinimumPages = 4 };
        Ioctl(KeystoneDriverAbi.Create, ref made);
        Assert.That(Ioctl(KeystoneDriverAbi.Finalize, ref made), Is.EqualTo(-Errno.EINVAL), "no UTM");
        Assert.That(Ioctl(KeystoneDriverAbi.Destroy, ref made), Is.EqualTo(-Errno.EINVAL));
        Assert.That(_board.Allocate(made.EpmSize), Is.EqualTo(made.EpmAddress));
    }

    [Test]
    public void RunningWhatTheMonitorDoesNotHave()
    {
        var made = new CreateEnclaveArgument { MinimumPages = 4 };
        Ioctl(KeystoneDriverAbi.Create, ref made);
        Assert.That(Enter(KeystoneDriverAbi.Run, made.Id), Is.EqualTo(new RunEnclaveArgument { Id = made.Id, Error = 100016 }));
        Assert.That(Enter(KeystoneDriverAbi.Resume, made.Id), Is.EqualTo(new RunEnclaveArgument { Id = made.Id, Error = 100010 }));
    }

    [Test]
    public void WholeLife()
    {
        Finished(_file, 4096, out CreateEnclaveArgument made);
        long before = _board.Hart.Transitions.Total;
        _board.HostWorld.TryWrite(Argument, new RunEnclaveArgument { Id = made.Id });
        Assert.That(_file.Ioctl(_thread, KeystoneDriverAbi.Run, Argument), Is.EqualTo(SyscallTable.NoReturn));
        Assert.That(_board.Hart.World.IsEnclave, Is.True);
        Assert.That(_board.Hart.Transitions.Total, Is.GreaterThan(before));
        _board.Ecall(1001, 9);
        Assert.That(_board.Hart.World, Is.SameAs(_board.HostWorld));
        Assert.That(_board.Hart.State->X[10], Is.Zero, "the ioctl's result");
        _board.HostWorld.TryRead(Argument, out RunEnclaveArgument answer);
        Assert.That((answer.Id, answer.Error), Is.EqualTo((made.Id, 100011)));

        Assert.That(_file.Ioctl(_thread, KeystoneDriverAbi.Resume, Argument), Is.EqualTo(SyscallTable.NoReturn));
        _file.Release(); // close(2) while a thread is inside: the ioctl keeps the file
        Assert.That(_board.Monitor.Enclaves, Has.Count.EqualTo(1));
        _board.Ecall(1101, 77);
        _board.HostWorld.TryRead(Argument, out answer);
        Assert.That((answer.Error, answer.Value), Is.EqualTo((0, 77)));
        Assert.That(_board.Monitor.Enclaves, Is.Empty);
    }

    [Test]
    public void ArgumentsAreCopiedInAndOut()
    {
        Assert.That(_file.Ioctl(_thread, KeystoneDriverAbi.Create, 0), Is.EqualTo(-Errno.EINVAL));
        Assert.That(_file.Ioctl(_thread, KeystoneDriverAbi.Create, 0x5000), Is.EqualTo(-Errno.EFAULT));
        Assert.That(_file.Ioctl(_thread, KeystoneDriverAbi.Create, Argument + 4096 - 79), Is.EqualTo(-Errno.EFAULT));
        Assert.That(_file.Ioctl(_thread, 0x8050a402, Argument), Is.EqualTo(-Errno.ENOSYS));
        Assert.That(_file.Ioctl(_thread, 0x8050a402, 0x5000), Is.EqualTo(-Errno.EFAULT), "copied before it is looked at");
        _board.HostWorld.Protect(Argument, 4096, Access.Read);
        Assert.That(_file.Ioctl(_thread, KeystoneDriverAbi.UtmInit, Argument), Is.EqualTo(-Errno.EFAULT), "copied out on error too");
    }

    private ulong Finished(GuestFile file, ulong utmBytes, out CreateEnclaveArgument made)
    {
        made = new CreateEnclaveArgument { MinimumPages = 256 };
        Assert.That(Ioctl(KeystoneDriverAbi.Create, ref made, file), Is.Zero);
        made.UtmSize = utmBytes;
        Assert.That(Ioctl(KeystoneDriverAbi.UtmInit, ref made, file), Is.Zero);
        byte[] eapp = EnclaveImage.SmallEapp();
        eapp.CopyTo(_board.Memory.Span(made.EpmAddress + 0x2000, eapp.Length));
        made.RuntimeAddress = made.EpmAddress + 0x1000;
        made.UserAddress = made.EpmAddress + 0x2000;
        made.FreeAddress = made.UserAddress + (((ulong)eapp.Length + 4095) & ~4095UL);
        Assert.That(Ioctl(KeystoneDriverAbi.Finalize, ref made, file), Is.Zero);
        return made.Id;
    }

    private long Ioctl(uint request, ref CreateEnclaveArgument argument, GuestFile? file = null)
    {
        _board.HostWorld.TryWrite(Argument, argument);
        long result = (file ?? _file).Ioctl(_thread, request, Argument);
        _board.HostWorld.TryRead(Argument, out argument);
        return result;
    }

    private RunEnclaveArgument Enter(uint request, ulong id)
    {
        _board.HostWorld.TryWrite(Argument, new RunEnclaveArgument { Id = id });
        Assert.That(_file.Ioctl(_thread, request, Argument), Is.EqualTo(SyscallTable.NoReturn));
        Assert.That(_board.Hart.State->X[10], Is.Zero);
        _board.HostWorld.TryRead(Argument, out RunEnclaveArgument answer);
        return answer;
    }

    private GuestFile OpenFile(LinuxThread thread)
    {
        Assert.That(_driver.TryOpen(KeystoneDriverAbi.DevicePath, 2, thread, out GuestFile? file, out long error), Is.True);
        Assert.That(error, Is.Zero);
        return file!;
    }

    private LinuxThread Thread(World world, Hart hart) => new(new LinuxProcess(world, _board.Memory), hart, 1);
}
