namespace RvJit.Cli.Commands;

/// <summary>
/// A value that an option was given, as an object: the parser's library has code for options of any class, and would have
/// to be compiled at each start for options of each kind of number.
/// </summary>
public sealed record Given<T>(T Value)
    where T : struct
{
    public static implicit operator Given<T>(T value) => new(value);
}
