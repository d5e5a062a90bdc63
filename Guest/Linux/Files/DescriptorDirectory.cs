using System.Buffers.Binary;
using System.Text;

namespace RvJit.Guest.Linux.Files;

/// <summary>/proc/self/fd as the guest numbers its descriptors; the host's directory would list the emulator's.</summary>
internal sealed class DescriptorDirectory : GuestFile
{
    private const byte TypeDirectory = 4;
    private const byte TypeLink = 10;
    private const int HeaderBytes = 19; // d_ino, d_off, d_reclen, d_type (struct linux_dirent64)

    private readonly List<(string Name, byte Type)> _entries;
    private int _next;

    private DescriptorDirectory(IEnumerable<int> descriptors) => _entries =
    [
        (".", TypeDirectory),
        ("..", TypeDirectory),
        .. descriptors.Select(fd => (fd.ToString(), TypeLink)),
    ];

    public override string Path => "/proc/self/fd";

    public static DescriptorDirectory Of(FileTable table) => new(table.Descriptors());

    public override FileStatus Status() => new() { Mode = FileStatus.Directory | 0x140, Links = 2, Inode = 1, BlockSize = 1024 };

    public override long Seek(long offset, int whence)
    {
        if (whence != 0 || offset < 0 || offset > _entries.Count)
            return -Errno.EINVAL;
        _next = (int)offset;
        return offset;
    }

    /// <summary>getdents64 into a buffer: bytes written, or EINVAL when not even one entry fits.</summary>
    public long List(Span<byte> buffer)
    {
        int at = 0;
        while (_next < _entries.Count)
        {
            (string name, byte type) = _entries[_next];
            int size = (HeaderBytes + name.Length + 1 + 7) & ~7;
            if (size > buffer.Length - at)
                return at == 0 ? -Errno.EINVAL : at;
            Span<byte> entry = buffer.Slice(at, size);
            entry.Clear();
            _next++;
            BinaryPrimitives.WriteInt64LittleEndian(entry, _next);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], _next);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[16..], (ushort)size);
            entry[18] = type;
            _ = Encoding.ASCII.GetBytes(name, entry[HeaderBytes..]);
            at += size;
        }

        return at;
    }
}
