namespace RvJit.Translator.Regions;

/// <summary>
/// Values of one integer register that meet at a common use, and so are held in one way. The value of a register that
/// only exits still write back belongs to no other web of it.
/// </summary>
/// <param name="register">1 to 31.</param>
/// <param name="number">Its place among the webs of the region.</param>
internal sealed class Web(int register, int number)
{
    public int Register { get; } = register;

    public int Number { get; } = number;

    /// <summary>Some entry loads it, so that not all its values are computed in the region.</summary>
    public bool IsLoaded { get; set; }

    /// <summary>All its values are sign-extended words.</summary>
    public bool IsWord { get; set; }

    /// <summary>It is held in an int32 local that stands for its sign-extension.</summary>
    public bool IsHeldAsWord { get; set; }
}
