namespace RvJit.Cli.Output;

/// <summary>What a key means on a terminal that otherwise belongs to the guest.</summary>
public enum EscapeAction
{
    /// <summary>The guest gets the byte.</summary>
    Pass,

    /// <summary>Nobody gets it.</summary>
    Swallow,

    /// <summary>End the machine.</summary>
    Quit,
}

/// <summary>Ctrl-A x ends the machine, Ctrl-A Ctrl-A is one Ctrl-A for the guest, as in qemu; other keys after Ctrl-A are lost.</summary>
public sealed class EscapeKeys
{
    private const byte Escape = 1;

    private bool _escaped;

    public EscapeAction Next(byte key)
    {
        if (!_escaped)
        {
            _escaped = key == Escape;
            return _escaped ? EscapeAction.Swallow : EscapeAction.Pass;
        }

        _escaped = false;
        return key switch
        {
            (byte)'x' => EscapeAction.Quit,
            Escape => EscapeAction.Pass,
            _ => EscapeAction.Swallow,
        };
    }
}
