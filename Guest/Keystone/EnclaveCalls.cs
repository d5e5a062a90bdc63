using System.Buffers.Binary;
using System.Text;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Files;
using RvJit.Machine;
using RvJit.Monitor.Runtime;

namespace RvJit.Guest.Keystone;

/// <summary>Edge calls that upstream's host programs answer (examples/tests/edge_wrapper.cpp).</summary>
public static class StandardCall
{
    /// <summary>Text, perhaps with its zero; printed. Result: its length.</summary>
    public const ulong PrintBuffer = 1;

    /// <summary>A word; printed.</summary>
    public const ulong PrintValue = 2;

    /// <summary>An attestation report.</summary>
    public const ulong CopyReport = 3;

    /// <summary>Result: offset and size of the host's string.</summary>
    public const ulong GetString = 4;
}

/// <summary>
/// Serves the edge calls of one enclave. The enclave stands still meanwhile, and every field is fetched once all the
/// same.
/// </summary>
internal sealed unsafe class EnclaveCalls(LinuxThread thread, EnclaveFiles files, ulong utmAddress, int utmSize)
{
    private int _size = utmSize;

    /// <summary>Exit code when there is no return value of an eapp.</summary>
    public const int Refused = 2;

    private const ulong BadCallId = 1;
    private const ulong BadOffset = 2;
    private const ulong CallFailed = 4;
    private const ulong SyscallFailed = 5;

    /// <summary>A report and room for more, as runtimes copy it (Keystone runtime/call/syscall.c).</summary>
    private const int ReportSize = 2048;
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    private Span<byte> Utm => new(thread.World.Base + utmAddress, _size);

    /// <summary>The rest of the buffer serves other purposes.</summary>
    public void ShareBuffer(int size) => _size = size;

    public void Serve()
    {
        ulong id = Word(EdgeCallAbi.CallIdOffset);
        ulong offset = Word(EdgeCallAbi.ArgumentOffsetOffset);
        ulong size = Word(EdgeCallAbi.ArgumentSizeOffset);
        EdgeResult result = offset >= EdgeCallAbi.HeaderSize && offset <= (ulong)_size && size <= (ulong)_size - offset
            ? Serve(id, (int)offset, (int)size)
            : new EdgeResult(BadOffset, 0, 0);
        Put(EdgeCallAbi.StatusOffset, result.Status);
        Put(EdgeCallAbi.ResultOffsetOffset, result.Offset);
        Put(EdgeCallAbi.ResultSizeOffset, result.Size);
    }

    /// <summary>One line on the process's standard error.</summary>
    public void Report(string line) => Write(StandardError, Encoding.UTF8.GetBytes($"rvjit: {files.Name}: {line}\n"));

    private EdgeResult Serve(ulong id, int offset, int size)
    {
        ReadOnlySpan<byte> argument = Utm.Slice(offset, size);
        switch (id)
        {
            case StandardCall.PrintBuffer:
                int end = argument.IndexOf((byte)0);
                ReadOnlySpan<byte> text = end < 0 ? argument : argument[..end];
                Print(text);
                Put(EdgeCallAbi.DataOffset, (ulong)text.Length);
                return new EdgeResult(EdgeCallAbi.StatusOk, EdgeCallAbi.DataOffset, sizeof(ulong));
            case StandardCall.PrintValue when size >= sizeof(ulong):
                Write(StandardOutput, Encoding.ASCII.GetBytes($"Enclave said value: {BinaryPrimitives.ReadUInt64LittleEndian(argument)}\n"));
                return new EdgeResult(EdgeCallAbi.StatusOk, 0, 0);
            case StandardCall.CopyReport when size <= ReportSize:
                files.ReportCopied?.Invoke(argument.ToArray());
                return new EdgeResult(EdgeCallAbi.StatusOk, 0, 0);
            case StandardCall.PrintValue or StandardCall.CopyReport:
                return new EdgeResult(BadOffset, 0, 0);
            case StandardCall.GetString:
                return GiveString();
            case EdgeCallAbi.SyscallCallId when size >= EdgeCallAbi.SyscallNumberSize:
                return Forward(offset, size);
            default:
                return files.Calls.TryGetValue(id, out Func<byte[], byte[]>? service) ? Give(service(argument.ToArray())) : new EdgeResult(BadCallId, 0, 0);
        }
    }

    private EdgeResult Give(byte[] result)
    {
        if (result.Length > _size - EdgeCallAbi.DataOffset)
            return new EdgeResult(CallFailed, 0, 0);
        result.CopyTo(Utm[EdgeCallAbi.DataOffset..]);
        return new EdgeResult(EdgeCallAbi.StatusOk, EdgeCallAbi.DataOffset, (ulong)result.Length);
    }

    /// <summary>The text goes behind a pair of offset and size that names it (Keystone edge_call_setup_wrapped_ret).</summary>
    private EdgeResult GiveString()
    {
        const int PairSize = 16;
        const int TextOffset = EdgeCallAbi.DataOffset + PairSize;
        byte[] text = [.. Encoding.UTF8.GetBytes(files.Text), 0];
        if (text.Length > _size - TextOffset)
            return new EdgeResult(CallFailed, 0, 0);
        text.CopyTo(Utm[TextOffset..]);
        Put(EdgeCallAbi.DataOffset, TextOffset);
        Put(EdgeCallAbi.DataOffset + sizeof(ulong), (ulong)text.Length);
        return new EdgeResult(EdgeCallAbi.StatusOk, EdgeCallAbi.DataOffset, PairSize);
    }

    private EdgeResult Forward(int offset, int size)
    {
        ulong number = Word(offset);
        int payload = offset + EdgeCallAbi.SyscallNumberSize;
        int payloadSize = size - EdgeCallAbi.SyscallNumberSize;
        var decoder = new EdgeSyscallArguments(Utm, payload, payloadSize, utmAddress);
        if (!decoder.TryDecode(number, out SyscallArguments arguments))
            return new EdgeResult(SyscallFailed, 0, 0);
        long result = EdgeSyscallArguments.WouldCloseStream(number, arguments) ? 0 : Call(number, arguments);
        Put(offset, (ulong)result);
        return new EdgeResult(EdgeCallAbi.StatusOk, (ulong)offset, sizeof(long));
    }

    /// <summary>A system call of the process, made again while signals interrupt it.</summary>
    private long Call(ulong number, in SyscallArguments arguments)
    {
        while (true)
        {
            long result = thread.Process.Kernel!.Call(thread, number, arguments);
            bool restart = result is -Errno.ERESTARTSYS or -Errno.ERESTARTNOINTR or -Errno.ERESTARTNOHAND or -Errno.ERESTART_RESTARTBLOCK;
            if (!restart)
                return result;
            if (thread.World.TrapHandler!.Handle(thread.Hart, Trap.Requested) == TrapOutcome.Exit)
                return -Errno.EINTR;
        }
    }

    /// <summary>The enclave is not trusted to leave the terminal alone: control characters are shown in hex.</summary>
    private void Print(ReadOnlySpan<byte> text)
    {
        List<byte> shown = [.. "Enclave said: "u8];
        foreach (byte b in text)
        {
            if (b is < (byte)' ' and not ((byte)'\n' or (byte)'\t') or 0x7f)
                shown.AddRange(Encoding.ASCII.GetBytes($"\\x{b:x2}"));
            else
                shown.Add(b);
        }

        if (shown[^1] != '\n')
            shown.Add((byte)'\n');
        Write(StandardOutput, [.. shown]);
    }

    private void Write(int fd, byte[] bytes)
    {
        using FileReference reference = thread.Process.Files.Table.Acquire((ulong)fd);
        fixed (byte* p = bytes)
        {
            for (long done = 0, n; done < bytes.Length; done += n)
            {
                n = reference.File?.Write(thread, p + done, (nuint)(bytes.Length - done)) ?? 0;
                if (n <= 0)
                    return;
            }
        }
    }

    private ulong Word(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Utm[offset..]);

    private void Put(int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Utm[offset..], value);
}
