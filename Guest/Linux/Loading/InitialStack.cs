using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RvJit.Guest.Linux.Loading;

/// <summary>
/// What a program finds on its stack (System V ABI riscv64; fs/binfmt_elf.c, create_elf_tables), low to high: argc,
/// argv, 0, envp, 0, auxiliary vector, alignment, 16 random bytes, the strings, the name of the program, 8 zero bytes.
/// </summary>
internal sealed class InitialStack
{
    /// <summary>MAX_ARG_STRLEN.</summary>
    private const int LongestString = 32 * 4096;
    public const int RandomBytes = 16;
    private const int WordBytes = 8;

    private InitialStack(byte[] bytes, ulong top, byte[] auxiliary)
    {
        Bytes = bytes;
        Pointer = top - (ulong)bytes.Length;
        Auxiliary = auxiliary;
    }

    /// <summary>Everything from the stack pointer up to the stack's top.</summary>
    public byte[] Bytes { get; }

    /// <summary>The initial stack pointer, a multiple of 16.</summary>
    public ulong Pointer { get; }

    /// <summary>The auxiliary vector alone (/proc/self/auxv).</summary>
    public byte[] Auxiliary { get; }

    public static bool TryBuild(
        ulong top,
        ulong limit,
        IReadOnlyList<string> arguments,
        IReadOnlyList<string> environment,
        string executable,
        ReadOnlySpan<byte> random,
        ReadOnlySpan<(ulong Type, ulong Value)> auxiliary,
        [NotNullWhen(true)] out InitialStack? stack,
        [NotNullWhen(false)] out string? error)
    {
        stack = null;
        byte[][] strings = [.. arguments.Concat(environment).Append(executable).Select(Encoding.UTF8.GetBytes)];
        long total = 0;
        foreach (byte[] s in strings)
            total += s.Length + 1 + WordBytes;
        if ((ulong)total > limit / 4 || strings.Any(s => s.Length >= LongestString))
        {
            error = $"the arguments and environment ({total} bytes) are longer than Linux takes; pass fewer or raise the stack size";
            return false;
        }

        if (strings.Any(s => s.AsSpan().Contains((byte)0)))
        {
            error = "an argument or environment variable holds a zero byte; remove it";
            return false;
        }

        // Strings, from the top down; the first argument ends up lowest.
        ulong at = top - WordBytes;
        var addresses = new ulong[strings.Length];
        for (int i = strings.Length - 1; i >= 0; i--)
        {
            at -= (ulong)strings[i].Length + 1;
            addresses[i] = at;
        }

        at -= RandomBytes;
        ulong randomAt = at;
        int vectorWords = (auxiliary.Length + 3) * 2;
        int words = 1 + arguments.Count + 1 + environment.Count + 1 + vectorWords;
        ulong pointer = (at - ((ulong)words * WordBytes)) & ~15UL;

        var bytes = new byte[top - pointer];
        for (int i = 0; i < strings.Length; i++)
            strings[i].CopyTo(bytes, (int)(addresses[i] - pointer));
        random[..RandomBytes].CopyTo(bytes.AsSpan((int)(randomAt - pointer)));
        int word = 0;
        void Put(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(word++ * WordBytes), value);
        Put((ulong)arguments.Count);
        for (int i = 0; i < arguments.Count; i++)
            Put(addresses[i]);
        Put(0);
        for (int i = 0; i < environment.Count; i++)
            Put(addresses[arguments.Count + i]);
        Put(0);
        int vectorStart = word;
        foreach ((ulong type, ulong value) in auxiliary)
        {
            Put(type);
            Put(value);
        }

        Put(AuxiliaryType.Random);
        Put(randomAt);
        Put(AuxiliaryType.ExecutableName);
        Put(addresses[^1]);
        Put(AuxiliaryType.End);
        Put(0);
        stack = new InitialStack(bytes, top, bytes.AsSpan(vectorStart * WordBytes, vectorWords * WordBytes).ToArray());
        error = null;
        return true;
    }
}

/// <summary>AT_* (uapi/linux/auxvec.h, riscv's uapi/asm/auxvec.h).</summary>
internal static class AuxiliaryType
{
    public const ulong End = 0;
    public const ulong ProgramHeaders = 3;
    public const ulong ProgramHeaderSize = 4;
    public const ulong ProgramHeaderCount = 5;
    public const ulong PageSize = 6;
    public const ulong Base = 7;
    public const ulong Flags = 8;
    public const ulong Entry = 9;
    public const ulong User = 11;
    public const ulong EffectiveUser = 12;
    public const ulong Group = 13;
    public const ulong EffectiveGroup = 14;
    public const ulong Capabilities = 16;
    public const ulong ClockTicks = 17;
    public const ulong Secure = 23;
    public const ulong Random = 25;
    public const ulong ExecutableName = 31;
    public const ulong MinimumSignalStack = 51;
}
