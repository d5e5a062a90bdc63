using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>
/// Ancillary data of socket messages: struct cmsghdr (length 8, level 4, type 4), data, padding to 8 bytes; the same
/// on all 64-bit machines. Descriptors and process ids in it are translated in place.
/// </summary>
internal static class ControlMessages
{
    private const int HeaderBytes = 16;
    private const int SocketLevel = 1;
    private const int Rights = 1; // SCM_RIGHTS
    private const int Credentials = 2; // SCM_CREDENTIALS

    /// <summary>
    /// Descriptions sent whose receiver, in this host process, should find their guest's idea of blocking: host
    /// descriptors of pipes and sockets are all non-blocking and do not tell.
    /// </summary>
    private static readonly ConcurrentDictionary<(ulong Device, ulong Inode), bool> s_sent = new();

    /// <summary>0, EBADF for a descriptor that is not open, EINVAL for data that is not well formed.</summary>
    public static long ToHost(LinuxThread thread, Span<byte> control)
    {
        while (control.Length >= HeaderBytes)
        {
            if (!TryTake(ref control, out int level, out int type, out Span<byte> data))
                return -Errno.EINVAL;
            if (level != SocketLevel)
                continue;
            if (type == Credentials && data.Length >= sizeof(int))
            {
                BinaryPrimitives.WriteInt32LittleEndian(data, Environment.ProcessId);
            }
            else if (type == Rights)
            {
                Span<int> descriptors = MemoryMarshal.Cast<byte, int>(data);
                for (int i = 0; i < descriptors.Length; i++)
                {
                    using FileReference reference = thread.Process.Files.Table.Acquire((ulong)descriptors[i]);
                    if (reference.File is not { HostDescriptor: >= 0 } file)
                        return -Errno.EBADF;
                    descriptors[i] = file.HostDescriptor;
                    if (file is HostFile { WaitsHere: true })
                        s_sent[Identity(file)] = (file.StatusFlags & OpenFlags.NonBlocking) != 0;
                }
            }
        }

        return 0;
    }

    /// <summary>Gives received descriptors guest numbers. False when some found no number; they are closed and read as -1.</summary>
    public static bool ToGuest(LinuxThread thread, Span<byte> control, bool closeOnExec)
    {
        bool all = true;
        while (control.Length >= HeaderBytes && TryTake(ref control, out int level, out int type, out Span<byte> data))
        {
            if (level != SocketLevel || type != Rights)
                continue;
            Span<int> descriptors = MemoryMarshal.Cast<byte, int>(data);
            for (int i = 0; i < descriptors.Length; i++)
            {
                long fd = thread.Process.Files.Table.AddOrClose(Received(descriptors[i]), closeOnExec);
                descriptors[i] = (int)Math.Max(-1, fd);
                all &= fd >= 0;
            }
        }

        return all;
    }

    private static HostFile Received(int descriptor)
    {
        HostFile file = HostFile.Opened(descriptor);
        return s_sent.TryRemove(Identity(file), out bool nonBlocking) ? HostFile.Stream(descriptor, nonBlocking) : file;
    }

    private static (ulong Device, ulong Inode) Identity(GuestFile file)
    {
        FileStatus status = file.Status();
        return (status.Device, status.Inode);
    }

    private static bool TryTake(ref Span<byte> control, out int level, out int type, out Span<byte> data)
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(control);
        level = BinaryPrimitives.ReadInt32LittleEndian(control[8..]);
        type = BinaryPrimitives.ReadInt32LittleEndian(control[12..]);
        if (length < HeaderBytes || length > (ulong)control.Length)
        {
            data = default;
            return false;
        }

        data = control[HeaderBytes..(int)length];
        control = control[Math.Min(((int)length + 7) & ~7, control.Length)..];
        return true;
    }
}
