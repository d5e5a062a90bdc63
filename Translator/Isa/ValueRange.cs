namespace RvJit.Translator.Isa;

/// <summary>Bounds of a register's value as an unsigned number, both included.</summary>
public readonly record struct ValueRange(ulong Low, ulong High)
{
    public static ValueRange Any { get; } = new(0, ulong.MaxValue);

    public static ValueRange Only(ulong value) => new(value, value);

    public bool IsSingle => Low == High;
}
