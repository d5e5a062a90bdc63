namespace RvJit.Machine.Devices;

/// <summary>A serial line with nobody at the other end.</summary>
public sealed class NoPort : ICharacterPort
{
    public event Action? Arrived
    {
        add { }
        remove { }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
    }

    public bool TryRead(out byte value)
    {
        value = 0;
        return false;
    }
}
