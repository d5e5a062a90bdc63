namespace RvJit.Machine.Devices;

/// <summary>The level-sensitive interrupt output of a device.</summary>
public interface IInterruptLine
{
    /// <summary>Drives the line; any thread.</summary>
    void Set(bool level);
}
