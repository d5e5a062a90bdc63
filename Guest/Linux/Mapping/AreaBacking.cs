using RvJit.Guest.Linux.Files;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>What lies behind areas that are not plain memory. Counted by area; the map's lock guards the count.</summary>
public abstract class AreaBacking
{
    private int _references;

    /// <summary>For /proc/self/maps.</summary>
    public abstract string Path { get; }

    /// <summary>Whether the areas' physical extents belong to the backing instead of to the areas.</summary>
    public virtual bool OwnsPhysical => true;

    internal void Hold() => _references++;

    internal void Release()
    {
        if (--_references == 0)
            Close();
    }

    /// <summary>No area has it any more.</summary>
    protected abstract void Close();
}

/// <summary>A file under a private mapping: pages are copies from the start.</summary>
internal sealed class PrivateFile(IMappableFile file) : AreaBacking
{
    public override string Path => file.Path;

    public override bool OwnsPhysical => false;

    public IMappableFile File => file;

    protected override void Close() => file.Dispose();
}

/// <summary>A device whose own memory an area shows.</summary>
internal sealed class DeviceBacking(GuestFile device, DeviceMapRequest request) : AreaBacking
{
    public override string Path => device.Path;

    public Access MostAccess => device.MostMapAccess;

    protected override void Close()
    {
        device.Unmapped(request);
        device.Release();
    }
}
