using System.Buffers.Binary;
using System.Text;
using NUnit.Framework;
using RvJit.Guest.Linux;

namespace RvJit.Tests.Linux.Files;

public sealed class SocketTests
{
    private const int Socket = 198;
    private const int SocketPair = 199;
    private const int Bind = 200;
    private const int Listen = 201;
    private const int Accept4 = 242;
    private const int Connect = 203;
    private const int GetSocketName = 204;
    private const int GetPeerName = 205;
    private const int SendTo = 206;
    private const int ReceiveFrom = 207;
    private const int SetOption = 208;
    private const int GetOption = 209;
    private const int Shutdown = 210;
    private const int SendMessage = 211;
    private const int ReceiveMessage = 212;
    private const ulong Local = 1;
    private const ulong Internet = 2;
    private const ulong Stream = 1;
    private const ulong Datagram = 2;

    [Test]
    public void AServerAndAClientTalkOverTcp()
    {
        using var bench = new SyscallBench();
        ulong server = (ulong)bench.Call(Socket, Internet, Stream, 0);
        ulong address = bench.Data([2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        Assert.That(bench.Call(SetOption, server, 1, 2, bench.Words(1), 4), Is.Zero, "SO_REUSEADDR");
        Assert.That(bench.Call(Bind, server, address, 16), Is.Zero);
        Assert.That(bench.Call(Listen, server, 5), Is.Zero);
        ulong length = bench.Words(16);
        Assert.That(bench.Call(GetSocketName, server, address, length), Is.Zero);
        Assert.That(bench.At<ushort>(address + 2), Is.Not.Zero, "a port was chosen");

        ulong client = (ulong)bench.Call(Socket, Internet, Stream | 0x80000, 0);
        ulong peer = bench.Room(16);
        ulong peerLength = bench.Words(16);
        Task<long> accepting = Task.Run(() => bench.Call(Accept4, server, peer, peerLength, 0x80000));
        Assert.That(accepting.Wait(30), Is.False, "it waits");
        Assert.That(bench.Call(Connect, client, address, 16), Is.Zero);
        ulong accepted = (ulong)accepting.Result;
        Assert.That(bench.At<ushort>(peer), Is.EqualTo(2), "AF_INET");
        Assert.That(bench.Call(25, accepted, 1), Is.EqualTo(1), "SOCK_CLOEXEC");
        Assert.That(bench.Call(GetPeerName, client, peer, peerLength), Is.Zero);
        Assert.That(bench.BytesAt(peer, 16), Is.EqualTo(bench.BytesAt(address, 16)));

        Assert.That(bench.Call(64, client, bench.Text("ping"), 4), Is.EqualTo(4));
        ulong buffer = bench.Room(16);
        Assert.That(bench.Call(63, accepted, buffer, 16), Is.EqualTo(4));
        Assert.That(bench.Call(Shutdown, client, 1), Is.Zero);
        Assert.That(bench.Call(63, accepted, buffer, 16), Is.Zero);
        Assert.That(bench.Call(57, server), Is.Zero);
        Assert.That(bench.Call(Connect, (ulong)bench.Call(Socket, Internet, Stream, 0), address, 16), Is.EqualTo(-Errno.ECONNREFUSED));
    }

    [Test]
    public void ALocalSocketIsFoundByItsPath([Values] bool relative)
    {
        using var bench = new SyscallBench();
        Assert.That(bench.Call(49, bench.Text(bench.Folder)), Is.Zero, "chdir");
        string path = relative ? "sock" : bench.Folder + "/sock";
        byte[] name = [1, 0, .. Encoding.UTF8.GetBytes(path), 0];
        ulong address = bench.Data(name);
        ulong server = (ulong)bench.Call(Socket, Local, Stream, 0);
        Assert.That(bench.Call(Bind, server, address, (ulong)name.Length), Is.Zero);
        Assert.That(File.Exists(bench.Folder + "/sock"), Is.True);
        Assert.That(bench.Call(Listen, server, 1), Is.Zero);
        ulong client = (ulong)bench.Call(Socket, Local, Stream, 0);
        Assert.That(bench.Call(Connect, client, address, (ulong)name.Length), Is.Zero);
        Assert.That(bench.Call(Accept4, server, 0, 0, 0), Is.GreaterThan(0));
        Assert.That(bench.Call(Connect, client, address, 200), Is.EqualTo(-Errno.EINVAL));
        Assert.That(bench.Call(Connect, client, SyscallBench.Unmapped, 16), Is.EqualTo(-Errno.EFAULT));
    }

    [Test]
    public void DatagramsKeepTheirBoundsAndSenders()
    {
        using var bench = new SyscallBench();
        ulong server = (ulong)bench.Call(Socket, Internet, Datagram, 0);
        ulong address = bench.Data([2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        Assert.That(bench.Call(Bind, server, address, 16), Is.Zero);
        Assert.That(bench.Call(GetSocketName, server, address, bench.Words(16)), Is.Zero);
        ulong client = (ulong)bench.Call(Socket, Internet, Datagram, 0);
        Assert.That(bench.Call(SendTo, client, bench.Text("one"), 3, 0, address, 16), Is.EqualTo(3));
        Assert.That(bench.Call(SendTo, client, bench.Text("three"), 5, 0, address, 16), Is.EqualTo(5));
        ulong buffer = bench.Room(16);
        ulong from = bench.Room(16);
        ulong length = bench.Words(16);
        Assert.That(bench.Call(ReceiveFrom, server, buffer, 16, 0, from, length), Is.EqualTo(3));
        Assert.That(bench.At<uint>(from + 4), Is.EqualTo(0x0100007f));
        Assert.That(bench.At<uint>(length), Is.EqualTo(16));
        Assert.That(bench.Call(ReceiveFrom, server, buffer, 2, 0, 0, 0), Is.EqualTo(2), "cut off");
        Assert.That(bench.Call(ReceiveFrom, server, buffer, 16, 0x40, 0, 0), Is.EqualTo(-Errno.EAGAIN), "MSG_DONTWAIT");
    }

    [Test]
    public void TimeLimitsAreKept()
    {
        using var bench = new SyscallBench();
        (ulong one, _) = Pair(bench);
        Assert.That(bench.Call(SetOption, one, 1, 20, bench.Words(0, 20_000), 16), Is.Zero, "SO_RCVTIMEO");
        Assert.That(bench.Call(63, one, bench.Room(8), 8), Is.EqualTo(-Errno.EAGAIN));
        ulong value = bench.Room(16);
        ulong length = bench.Words(16);
        Assert.That(bench.Call(GetOption, one, 1, 20, value, length), Is.Zero);
        Assert.That(bench.At<ulong>(value + 8), Is.InRange(19_000UL, 24_000UL), "the host rounds to its ticks");
    }

    [Test]
    public void DescriptorsTravelInMessages()
    {
        using var bench = new SyscallBench();
        (ulong one, ulong two) = Pair(bench);
        ulong file = (ulong)bench.Open(bench.Write("a", "hello"));
        ulong pipe = bench.Room(8);
        Assert.That(bench.Call(59, pipe, 0), Is.Zero);
        byte[] control = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(control, 24);
        BinaryPrimitives.WriteInt32LittleEndian(control.AsSpan(8), 1);
        BinaryPrimitives.WriteInt32LittleEndian(control.AsSpan(12), 1);
        BinaryPrimitives.WriteInt32LittleEndian(control.AsSpan(16), (int)file);
        BinaryPrimitives.WriteInt32LittleEndian(control.AsSpan(20), bench.At<int>(pipe));
        ulong vector = bench.Words(bench.Text("x"), 1);
        ulong message = bench.Words(0, 0, vector, 1, bench.Data(control), 24, 0);
        Assert.That(bench.Call(SendMessage, one, message, 0), Is.EqualTo(1));

        ulong buffer = bench.Room(8);
        ulong received = bench.Room(64);
        ulong into = bench.Words(0, 0, bench.Words(buffer, 8), 1, received, 64, 0);
        Assert.That(bench.Call(ReceiveMessage, two, into, 0x40000000), Is.EqualTo(1), "MSG_CMSG_CLOEXEC");
        Assert.That(bench.At<ulong>(into + 40), Is.EqualTo(24), "msg_controllen");
        Assert.That(bench.At<int>(into + 48), Is.Zero, "msg_flags");
        ulong copy = (ulong)bench.At<int>(received + 16);
        ulong end = (ulong)bench.At<int>(received + 20);
        Assert.That(copy, Is.Not.EqualTo(file));
        Assert.That(bench.Call(63, copy, buffer, 8), Is.EqualTo(5));
        Assert.That(bench.Call(25, copy, 1), Is.EqualTo(1));
        Assert.That(bench.Call(25, end, 3), Is.Zero, "the pipe still blocks for its guest");

        bench.Put(message + 32, BitConverter.GetBytes(bench.Data([.. control.AsSpan(0, 16), 99, 0, 0, 0, 99, 0, 0, 0])));
        Assert.That(bench.Call(SendMessage, one, message, 0), Is.EqualTo(-Errno.EBADF));
    }

    [Test]
    public void AWholeMessageIsWaitedFor()
    {
        using var bench = new SyscallBench();
        (ulong one, ulong two) = Pair(bench);
        ulong text = bench.Text("abcdef");
        ulong buffer = bench.Room(8);
        Task<long> reader = Task.Run(() => bench.Call(ReceiveFrom, two, buffer, 6, 0x100, 0, 0));
        Assert.That(bench.Call(64, one, text, 2), Is.EqualTo(2));
        Assert.That(reader.Wait(30), Is.False, "MSG_WAITALL");
        Assert.That(bench.Call(64, one, text + 2, 4), Is.EqualTo(4));
        Assert.That(reader.Result, Is.EqualTo(6));
        Assert.That(bench.TextAt(buffer, 6), Is.EqualTo("abcdef"));
    }

    [Test]
    public void ErrorsAreLinuxs()
    {
        using var bench = new SyscallBench();
        ulong file = (ulong)bench.Open(bench.Write("a", "hello"));
        ulong buffer = bench.Room(16);
        Assert.That(bench.Call(Listen, file, 1), Is.EqualTo(-Errno.ENOTSOCK));
        Assert.That(bench.Call(Listen, 99, 1), Is.EqualTo(-Errno.EBADF));
        Assert.That(bench.Call(SendTo, file, buffer, 1, 0, 0, 0), Is.EqualTo(-Errno.ENOTSOCK));
        Assert.That(bench.Call(Socket, 77, 1, 0), Is.EqualTo(-Errno.EAFNOSUPPORT));
        (ulong one, ulong two) = Pair(bench);
        Assert.That(bench.Call(ReceiveFrom, one, SyscallBench.Unmapped, 4, 0x40, 0, 0), Is.EqualTo(-Errno.EFAULT));
        Assert.That(bench.Call(SetOption, one, 1, 26, bench.Room(16), 16), Is.EqualTo(-Errno.ENOPROTOOPT), "a filter holds an address");
        Assert.That(bench.Call(57, two), Is.Zero);
        Assert.That(bench.Call(SendTo, one, buffer, 1, 0x4000, 0, 0), Is.EqualTo(-Errno.EPIPE), "MSG_NOSIGNAL");
    }

    private static (ulong One, ulong Two) Pair(SyscallBench bench)
    {
        ulong pair = bench.Room(8);
        Assert.That(bench.Call(SocketPair, Local, Stream, 0, pair), Is.Zero);
        return ((ulong)bench.At<int>(pair), (ulong)bench.At<int>(pair + 4));
    }
}
