namespace RvJit.Fuzz.Guest;

/// <summary>What a program starts from: registers and all memory but its code.</summary>
internal sealed class MachineState
{
    public ulong[] X { get; } = new ulong[32];

    public ulong[] F { get; } = new ulong[32];

    public uint Fcsr { get; set; }

    public byte[] Data { get; } = new byte[Layout.DataBytes];

    public byte[] Pool { get; } = new byte[Layout.PoolBytes];

    public byte[] Top { get; } = new byte[Layout.TopBytes];

    public MachineState Clone()
    {
        var copy = new MachineState { Fcsr = Fcsr };
        X.CopyTo(copy.X, 0);
        F.CopyTo(copy.F, 0);
        Data.CopyTo(copy.Data, 0);
        Pool.CopyTo(copy.Pool, 0);
        Top.CopyTo(copy.Top, 0);
        return copy;
    }
}

/// <summary>Something that every executor can run.</summary>
/// <param name="Image">The bytes from <see cref="Layout.Code"/> on, where execution starts.</param>
/// <param name="Initial">What it starts from.</param>
internal sealed record TestCase(byte[] Image, MachineState Initial);
