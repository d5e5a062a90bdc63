using System.Reflection.Emit;
using System.Runtime.Intrinsics;
using RvJit.Translator.Regions;
using HostAes = System.Runtime.Intrinsics.X86.Aes;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "Zkne" and "Zknd": halves of AES rounds on the state rs2:rs1, and the key schedule. The host's
// instructions do whole rounds and add a round key, which here is 0.

public readonly struct Aes64Es : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => HostAes.IsSupported
        ? HostAes.EncryptLast(Vector128.Create(a, b).AsByte(), Vector128<byte>.Zero).AsUInt64().ToScalar()
        : AesOfAnyHost.EncryptLast(a, b);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Aes64Esm : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => HostAes.IsSupported
        ? HostAes.Encrypt(Vector128.Create(a, b).AsByte(), Vector128<byte>.Zero).AsUInt64().ToScalar()
        : AesOfAnyHost.Encrypt(a, b);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Aes64Ds : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => HostAes.IsSupported
        ? HostAes.DecryptLast(Vector128.Create(a, b).AsByte(), Vector128<byte>.Zero).AsUInt64().ToScalar()
        : AesOfAnyHost.DecryptLast(a, b);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Aes64Dsm : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => HostAes.IsSupported
        ? HostAes.Decrypt(Vector128.Create(a, b).AsByte(), Vector128<byte>.Zero).AsUInt64().ToScalar()
        : AesOfAnyHost.Decrypt(a, b);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Aes64Im : IUnaryKernel
{
    public static ulong Compute(ulong a) => HostAes.IsSupported
        ? HostAes.InverseMixColumns(Vector128.CreateScalar(a).AsByte()).AsUInt64().ToScalar()
        : AesOfAnyHost.UnmixColumns(a);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.None;
}

/// <summary>
/// SubWord, RotWord and the round constant (FIPS 197, section 5.2). The immediate is the round; 10 stands for AES-256's
/// step without the latter two.
/// </summary>
public readonly struct Aes64Ks1i : IBinaryKernel
{
    /// <summary>Greatest round number; the others are reserved.</summary>
    public const int GreatestRound = 10;

    private static ReadOnlySpan<byte> RoundConstants => [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1B, 0x36, 0x00];

    public static ulong Compute(ulong a, ulong b)
    {
        uint word = SubstituteWord((uint)(a >> 32));
        if (b < GreatestRound)
            word = uint.RotateRight(word, 8);
        word ^= RoundConstants[(int)b];
        return word | ((ulong)word << 32);
    }

    /// <summary>A state of four equal columns is not changed by shifting its rows: the last round is substitution alone.</summary>
    private static uint SubstituteWord(uint word) => HostAes.IsSupported
        ? HostAes.EncryptLast(Vector128.Create(word).AsByte(), Vector128<byte>.Zero).AsUInt32().ToScalar()
        : AesOfAnyHost.SubstituteWord(word);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Aes64Ks2 : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b)
    {
        uint low = (uint)(a >> 32) ^ (uint)b;
        return low | ((ulong)(low ^ (uint)(b >> 32)) << 32);
    }

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}
