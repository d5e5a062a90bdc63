namespace RvJit.Guest.Linux;

/// <summary>The six argument registers a0..a5 of a system call (Linux riscv ABI: number in a7, result in a0).</summary>
public readonly record struct SyscallArguments(ulong A0, ulong A1, ulong A2, ulong A3, ulong A4, ulong A5);

/// <summary>Serves one system call. Returns the value for a0: a result, a negated errno, or <see cref="SyscallTable.NoReturn"/>.</summary>
public delegate long SyscallHandler(LinuxThread thread, in SyscallArguments args);

/// <summary>A set of related system calls that registers itself.</summary>
public interface ISyscallGroup
{
    void Register(SyscallTable table);
}

/// <summary>System calls by number (asm-generic/unistd.h, the table riscv64 uses).</summary>
public sealed class SyscallTable
{
    /// <summary>
    /// The handler has set the hart's registers, or moved the hart to another world, itself: nothing is written to a0.
    /// pc already stands after the ecall when a handler is called.
    /// </summary>
    public const long NoReturn = long.MinValue;

    private const int Numbers = 512;

    private readonly SyscallHandler?[] _handlers = new SyscallHandler?[Numbers];
    private readonly string?[] _names = new string?[Numbers];

    public void Add(int number, string name, SyscallHandler handler)
    {
        if (_handlers[number] is not null)
            throw new InvalidOperationException($"system call {number} is defined twice: {_names[number]} and {name}");
        _handlers[number] = handler;
        _names[number] = name;
    }

    public SyscallHandler? Find(ulong number) => number < Numbers ? _handlers[number] : null;

    public string NameOf(ulong number) => (number < Numbers ? _names[number] : null) ?? SyscallNames.Of(number) ?? $"syscall_{number}";
}
