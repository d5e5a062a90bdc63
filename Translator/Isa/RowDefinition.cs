namespace RvJit.Translator.Isa;

/// <summary>
/// One line of <see cref="InstructionTable"/>: an instruction's name and encoding, and its row, which is made when code
/// first uses it. A program executes some sixty of the instructions that there are, and the runtime needs 50 microseconds
/// for the type of each row.
/// </summary>
/// <param name="name">As in the manual.</param>
/// <param name="encoding">As in the manual (see <see cref="Encoding"/>).</param>
/// <param name="make">Makes the row, given both.</param>
public sealed class RowDefinition(string name, string encoding, Func<string, string, Row> make)
{
    private Row? _row;

    public Encoding Encoding { get; } = Encoding.Parse(encoding);

    /// <inheritdoc cref="Row.Extensions"/>
    public string[] Extensions { get; internal set; } = [];

    /// <inheritdoc cref="Row.AlsoNeeds"/>
    public string? AlsoNeeds { get; internal set; }

    /// <summary>The row: the same one for everybody who asks.</summary>
    public Row Row => Volatile.Read(ref _row) ?? Make();

    private Row Make()
    {
        Row row = make(name, encoding);
        row.Extensions = Extensions;
        row.AlsoNeeds = AlsoNeeds;
        return Interlocked.CompareExchange(ref _row, row, null) ?? row;
    }
}
