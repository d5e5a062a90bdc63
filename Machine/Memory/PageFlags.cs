namespace RvJit.Machine;

/// <summary>One byte of a world's permission table: what translated code may do with a page without asking.</summary>
public static class PageFlags
{
    public const byte Read = 1;
    public const byte Write = 2;
    public const byte Execute = 4;

    /// <summary>This page and the next are readable: an access that starts here may cross.</summary>
    public const byte ReadPair = 8;

    /// <summary>This page and the next are writable.</summary>
    public const byte WritePair = 16;

    /// <summary>Instructions of this page were decoded or translated: Write is withheld so that stores are noticed.</summary>
    public const byte Code = 32;
}
