namespace RvJit.Translator.Isa;

/// <summary>
/// How words of guest code are read: by which instruction set. Decoders have small numbers, so that a block of records
/// can say which one fills it.
/// </summary>
public sealed class Decoder
{
    private static readonly Lock s_lock = new();
    private static Decoder[] s_all = [];

    private Decoder(int id, InstructionSet instructions)
    {
        Id = id;
        Instructions = instructions;
    }

    /// <summary>Its number, for <see cref="WithId"/>.</summary>
    public int Id { get; }

    public InstructionSet Instructions { get; }

    /// <summary>The decoder of an instruction set; sets of the same extensions share one.</summary>
    public static Decoder Of(InstructionSet instructions)
    {
        lock (s_lock)
        {
            foreach (Decoder known in s_all)
            {
                if (known.Instructions.Extensions.Equals(instructions.Extensions))
                    return known;
            }

            var added = new Decoder(s_all.Length, instructions);
            s_all = [.. s_all, added];
            return added;
        }
    }

    public static Decoder WithId(int id) => Volatile.Read(ref s_all)[id];

    public Instruction Decode(uint word) => Instructions.Decode(word);
}
