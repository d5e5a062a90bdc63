namespace RvJit.Translator.Isa;

/// <summary>
/// What an instruction has to do with words: numbers of 32 bits, which RV64 keeps sign-extended. Translated code holds a
/// register in 32 bits where that saves the extension.
/// </summary>
[Flags]
public enum WordForm
{
    None = 0,

    /// <summary>Only the low 32 bits of rs1 matter.</summary>
    Reads1 = 1,

    /// <summary>Only the low 32 bits of rs2 matter.</summary>
    Reads2 = 2,

    /// <summary>The result is a sign-extended word.</summary>
    Result = 4,

    /// <summary>The result, which 64 bits can hold without an instruction more: what is loaded, constant or positive.</summary>
    FreeResult = Result | 8,

    /// <summary>The result is a word when the operands are, and is that of the same operation on words.</summary>
    Keeps = 16,

    /// <summary>Of its operands only the order matters, which for words is that of their 32 bits.</summary>
    Compares = 32,
}
