using System.Runtime.CompilerServices;
using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>
/// ioctl. Requests of terminals and of all files have asm-generic numbers and layouts on x86-64, Arm64 and riscv64
/// (asm-generic/ioctls.h, termbits.h), so those known to be safe go to the host; every other one is ENOTTY. Which
/// process group is in the foreground is kept here: the groups of guests are not the host's.
/// </summary>
public sealed unsafe class Terminals : ISyscallGroup
{
    private const uint SetNonBlocking = 0x5421; // FIONBIO
    private const uint SetCloseOnExec = 0x5451; // FIOCLEX
    private const uint ClearCloseOnExec = 0x5450; // FIONCLEX
    private const uint TakeTerminal = 0x540E; // TIOCSCTTY
    private const uint LeaveTerminal = 0x5422; // TIOCNOTTY
    private const uint GetForeground = 0x540F; // TIOCGPGRP
    private const uint SetForeground = 0x5410; // TIOCSPGRP
    private const int LargestArgument = 64;

    private int _foreground;

    private enum Direction
    {
        /// <summary>The argument is a number.</summary>
        Value,

        /// <summary>The host writes what the argument points to.</summary>
        Out,

        /// <summary>The host reads what the argument points to.</summary>
        In,
    }

    private readonly record struct Request(Direction Direction, int Bytes = 0);

    public void Register(SyscallTable table) => table.Add(29, "ioctl", Control);

    [SkipLocalsInit]
    private long Control(LinuxThread thread, in SyscallArguments args)
    {
        FileTable table = thread.Process.Files.Table;
        using FileReference reference = table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        uint request = (uint)args.A1;
        switch (request)
        {
            case SetCloseOnExec:
                return table.SetCloseOnExec(args.A0, true);
            case ClearCloseOnExec:
                return table.SetCloseOnExec(args.A0, false);
            case SetNonBlocking:
                if (!thread.World.TryRead(args.A2, out int on))
                    return -Errno.EFAULT;
                int flags = on != 0 ? file.StatusFlags | OpenFlags.NonBlocking : file.StatusFlags & ~OpenFlags.NonBlocking;
                return DescriptorControl.SetStatus(file, flags);
        }

        if (file.HostDescriptor < 0)
            return file.Ioctl(thread, request, args.A2);
        if (request is TakeTerminal or LeaveTerminal or GetForeground or SetForeground)
            return ControlForeground(thread, file, request, args.A2);
        if (Find(request) is not { } known)
            return -Errno.ENOTTY;
        if (known.Direction == Direction.Value)
            return HostCalls.Ioctl(file.HostDescriptor, request, (void*)(nint)(int)args.A2);

        byte* argument = stackalloc byte[LargestArgument];
        var span = new Span<byte>(argument, known.Bytes);
        if (known.Direction == Direction.In && !thread.World.TryRead(args.A2, span))
            return -Errno.EFAULT;
        long result = HostCalls.Ioctl(file.HostDescriptor, request, argument);
        if (result >= 0 && known.Direction == Direction.Out && !thread.World.TryWrite(args.A2, span))
            return -Errno.EFAULT;
        return result;
    }

    private long ControlForeground(LinuxThread thread, GuestFile file, uint request, ulong address)
    {
        int group;
        long error = HostCalls.Ioctl(file.HostDescriptor, GetForeground, &group);
        if (error < 0)
            return error;
        switch (request)
        {
            case GetForeground:
                group = _foreground != 0 ? _foreground : group;
                return thread.World.TryWrite(address, group) ? 0 : -Errno.EFAULT;
            case SetForeground:
                if (!thread.World.TryRead(address, out group))
                    return -Errno.EFAULT;
                if (group <= 0)
                    return -Errno.EINVAL;
                _foreground = group;
                return 0;
            default:
                return 0;
        }
    }

    private static Request? Find(uint request)
    {
        const int Termios = 36; // the kernel's struct termios: four flag words, c_line, 19 characters
        const int Termios2 = 44;
        const int WindowSize = 8;
        return request switch
        {
            0x5401 => new(Direction.Out, Termios), // TCGETS
            0x5402 or 0x5403 or 0x5404 => new(Direction.In, Termios), // TCSETS, TCSETSW, TCSETSF
            0x802C542A => new(Direction.Out, Termios2), // TCGETS2
            0x402C542B or 0x402C542C or 0x402C542D => new(Direction.In, Termios2), // TCSETS2, TCSETSW2, TCSETSF2
            0x5409 or 0x540A or 0x540B => new(Direction.Value), // TCSBRK, TCXONC, TCFLSH
            0x5429 => new(Direction.Out, sizeof(int)), // TIOCGSID
            0x5411 or 0x541B => new(Direction.Out, sizeof(int)), // TIOCOUTQ, FIONREAD
            0x5413 => new(Direction.Out, WindowSize), // TIOCGWINSZ
            0x5414 => new(Direction.In, WindowSize), // TIOCSWINSZ
            0x5415 => new(Direction.Out, sizeof(int)), // TIOCMGET
            0x5425 => new(Direction.Value), // TCSBRKP
            0x80045430 => new(Direction.Out, sizeof(int)), // TIOCGPTN
            0x40045431 => new(Direction.In, sizeof(int)), // TIOCSPTLCK
            0x5460 => new(Direction.Out, sizeof(long)), // FIOQSIZE
            0x8905 => new(Direction.Out, sizeof(int)), // SIOCATMARK
            0x80081272 => new(Direction.Out, sizeof(long)), // BLKGETSIZE64
            _ => null,
        };
    }
}
