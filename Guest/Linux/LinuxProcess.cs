using RvJit.Machine;

namespace RvJit.Guest.Linux;

/// <summary>One guest process: its world and what the native kernel keeps about it.</summary>
public sealed class LinuxProcess(World world, PhysicalMemory memory)
{
    public World World { get; } = world;

    public PhysicalMemory Memory { get; } = memory;
}
