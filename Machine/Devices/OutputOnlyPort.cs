namespace RvJit.Machine.Devices;

/// <summary>Shows what is sent; the input of the other end belongs to another device.</summary>
public sealed class OutputOnlyPort(ICharacterPort port) : ICharacterPort
{
    public event Action? Arrived
    {
        add { }
        remove { }
    }

    public void Write(ReadOnlySpan<byte> bytes) => port.Write(bytes);

    public bool TryRead(out byte value)
    {
        value = 0;
        return false;
    }
}
