using System.Buffers.Binary;
using System.Text;
using NUnit.Framework;
using RvJit.Guest.Linux.Loading;

namespace RvJit.Tests.Linux;

public sealed class InitialStackTests
{
    private const ulong Top = 0x3F_0000_0000;
    private const ulong Limit = 8 << 20;

    [Test]
    public void EverythingIsWhereTheAbiSays([Range(0, 4)] int arguments, [Range(0, 3)] int variables)
    {
        string[] argv = [.. Enumerable.Range(0, arguments).Select(i => new string('a', i + 1))];
        string[] envp = [.. Enumerable.Range(0, variables).Select(i => $"V{i}=ä")];
        byte[] random = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

        InitialStack stack = Build(argv, envp, random);

        Assert.That(stack.Pointer % 16, Is.Zero);
        Assert.That(stack.Pointer + (ulong)stack.Bytes.Length, Is.EqualTo(Top));
        ulong at = stack.Pointer;
        Assert.That(Word(stack, at), Is.EqualTo((ulong)arguments));
        at += 8;
        foreach (string text in argv)
        {
            Assert.That(TextAt(stack, Word(stack, at)), Is.EqualTo(text));
            at += 8;
        }

        Assert.That(Word(stack, at), Is.Zero);
        at += 8;
        foreach (string text in envp)
        {
            Assert.That(TextAt(stack, Word(stack, at)), Is.EqualTo(text));
            at += 8;
        }

        Assert.That(Word(stack, at), Is.Zero);
        at += 8;
        Assert.That(stack.Bytes.AsSpan((int)(at - stack.Pointer), stack.Auxiliary.Length).SequenceEqual(stack.Auxiliary), Is.True);
        var vector = new Dictionary<ulong, ulong>();
        for (; Word(stack, at) != 0; at += 16)
            vector.Add(Word(stack, at), Word(stack, at + 8));
        Assert.That(vector[6], Is.EqualTo(4096));
        Assert.That(TextAt(stack, vector[31]), Is.EqualTo("/bin/prog"));
        Assert.That(stack.Bytes.AsSpan((int)(vector[25] - stack.Pointer), 16).SequenceEqual(random), Is.True);
    }

    [Test]
    public void TooMuchIsRefused()
    {
        Assert.That(TryBuild([new string('x', 131072)], [], out string? error), Is.False);
        Assert.That(error, Does.Contain("longer than Linux takes"));
        Assert.That(TryBuild([.. Enumerable.Repeat(new string('x', 1000), 3000)], [], out error), Is.False);
        Assert.That(TryBuild(["a\0b"], [], out error), Is.False);
        Assert.That(error, Does.Contain("zero byte"));
    }

    private static InitialStack Build(string[] argv, string[] envp, byte[] random)
    {
        Assert.That(InitialStack.TryBuild(Top, Limit, argv, envp, "/bin/prog", random, [(6, 4096)], out InitialStack? stack, out string? error), Is.True, error);
        return stack!;
    }

    private static bool TryBuild(string[] argv, string[] envp, out string? error) =>
        InitialStack.TryBuild(Top, Limit, argv, envp, "/bin/prog", new byte[16], [], out _, out error);

    private static ulong Word(InitialStack stack, ulong address) =>
        BinaryPrimitives.ReadUInt64LittleEndian(stack.Bytes.AsSpan((int)(address - stack.Pointer)));

    private static string TextAt(InitialStack stack, ulong address)
    {
        ReadOnlySpan<byte> rest = stack.Bytes.AsSpan((int)(address - stack.Pointer));
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
