namespace RvJit.Machine.Devices;

/// <summary>The host's end of a serial line: where a console device sends to and gets its input from.</summary>
public interface ICharacterPort
{
    /// <summary>Takes bytes to show, in order. May block while the host is slow; never loses any.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Takes one byte of input if there is some. The first call may start the reading of input.</summary>
    bool TryRead(out byte value);

    /// <summary>Input has arrived; raised on any thread.</summary>
    event Action? Arrived;
}
