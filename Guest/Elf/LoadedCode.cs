namespace RvJit.Guest.Elf;

/// <summary>A file whose code lies in guest memory.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">One past the last address.</param>
/// <param name="Bias">What was added to the file's own addresses.</param>
/// <param name="File">The file, with its symbols.</param>
public sealed record LoadedCode(ulong Start, ulong End, ulong Bias, ElfFile File)
{
    /// <summary>A file that was loaded as a whole.</summary>
    public static LoadedCode Whole(ElfFile file, ulong bias) =>
        new(file.LowestAddress + bias, file.HighestAddress + bias, bias, file);
}
