using RvJit.Guest.Linux.Files;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>Areas whose memory is a device's: the device says where it is and is told when the last page of it goes.</summary>
public sealed partial class MemoryMap
{
    /// <summary>mmap(2) of a device. The area holds the open file.</summary>
    internal long MapDevice(LinuxThread thread, GuestFile device, in SyscallArguments args)
    {
        var access = (Access)(args.A2 & (ulong)(Access.ReadWrite | Access.Execute));
        var flags = (MapFlags)args.A3;
        if (args.A1 == 0)
            return -Errno.EINVAL;
        if ((access & ~device.MostMapAccess) != 0)
            return -Errno.EACCES;
        if (args.A1 > UserLayout.Limit)
            return -Errno.EINVAL; // no device has that much: where addresses are wider, the driver says so
        ulong length = UserLayout.RoundUp(args.A1);
        lock (_lock)
        {
            long placed = Place(args.A0, length, flags);
            if (placed < 0)
                return placed;
            ulong start = (ulong)placed;
            var request = new DeviceMapRequest(start, length, (int)args.A2, (int)args.A3, args.A5);
            if (!device.TryReference())
                return -Errno.EBADF;
            long error = device.TryMap(thread, request, out ulong physical);
            if (error < 0)
            {
                device.Release();
                return error;
            }

            var mapped = new DeviceBacking(device, request);
            mapped.Hold();
            if ((flags & MapFlags.Fixed) != 0)
                Discard(start, start + length);
            _world.Share();
            var area = new Vma(start, start + length, access, VmaFlags.Shared, physical, false, mapped, (long)args.A5);
            error = Show(ref area);
            if (error == 0)
                _areas.Add(area);
            mapped.Release();
            return error < 0 ? error : placed;
        }
    }
}
