using System.Globalization;
using System.Text;

namespace RvJit.Tests.Isa;

/// <summary>Some instructions at an address, and what each of several states becomes of them.</summary>
internal sealed record VectorGroup(string Row, ulong Pc, uint[] Words)
{
    public List<(InstructionState Before, InstructionState After)> Cases { get; } = [];
}

/// <summary>
/// What qemu-riscv64 10 did with instructions of every row (Vectors/README.md). A line "@ row pc word..." opens a
/// group; each line of a group says what differs from <see cref="InstructionState.Fresh"/> before and, after ">", what
/// differs from that afterwards: pc, s (signal), a (its address), c (fcsr), x11, f10, m5 (bytes of the window from
/// there). Numbers are hexadecimal, indices decimal.
/// </summary>
internal static class InstructionVectors
{
    private static readonly Lazy<ILookup<string, VectorGroup>> s_groups = new(
        () => RecordedText.Names("Vectors").SelectMany(name => Read(RecordedText.Lines("Vectors", name))).ToLookup(g => g.Row));

    public static IEnumerable<string> Rows => s_groups.Value.Select(g => g.Key);

    public static IEnumerable<VectorGroup> Of(string row) => s_groups.Value[row];

    public static string Write(IEnumerable<VectorGroup> groups)
    {
        var text = new StringBuilder();
        foreach (VectorGroup group in groups)
        {
            text.Append($"@ {group.Row} {group.Pc:x}");
            foreach (uint word in group.Words)
                text.Append($" {word:x}");
            text.Append('\n');
            InstructionState fresh = InstructionState.Fresh(group.Pc, group.Words);
            foreach ((InstructionState before, InstructionState after) in group.Cases)
            {
                AppendDifference(text, fresh, before);
                text.Append('>');
                AppendDifference(text, before, after);
                text.Append('\n');
            }
        }

        return text.ToString();
    }

    private static IEnumerable<VectorGroup> Read(IEnumerable<string> lines)
    {
        VectorGroup? group = null;
        foreach (string line in lines)
        {
            if (line[0] == '@')
            {
                if (group is not null)
                    yield return group;
                string[] words = line.Split(' ');
                group = new VectorGroup(words[1], Hex(words[2]), [.. words[3..].Select(w => (uint)Hex(w))]);
                continue;
            }

            int middle = line.IndexOf('>', StringComparison.Ordinal);
            InstructionState before = InstructionState.Fresh(group!.Pc, group.Words);
            Apply(line.AsSpan(0, middle), before);
            InstructionState after = before.Clone();
            Apply(line.AsSpan(middle + 1), after);
            group.Cases.Add((before, after));
        }

        if (group is not null)
            yield return group;
    }

    private static void AppendDifference(StringBuilder text, InstructionState from, InstructionState to)
    {
        AppendItem("pc", from.Pc, to.Pc);
        AppendItem("s", from.Signal, to.Signal);
        AppendItem("a", from.Address, to.Address);
        AppendItem("c", from.Fcsr, to.Fcsr);
        for (int i = 0; i < 32; i++)
            AppendItem($"x{i}", from.X[i], to.X[i]);
        for (int i = 0; i < 32; i++)
            AppendItem($"f{i}", from.F[i], to.F[i]);
        for (int i = 0; i < InstructionState.WindowBytes; i++)
        {
            if (from.Memory[i] == to.Memory[i])
                continue;
            int end = i;
            while (end < InstructionState.WindowBytes && from.Memory[end] != to.Memory[end])
                end++;
            text.Append($"m{i}={Convert.ToHexStringLower(to.Memory.AsSpan(i, end - i))} ");
            i = end;
        }

        void AppendItem(string name, ulong was, ulong now)
        {
            if (was != now)
                text.Append($"{name}={now:x} ");
        }
    }

    private static void Apply(ReadOnlySpan<char> items, InstructionState state)
    {
        foreach (Range range in items.Split(' '))
        {
            ReadOnlySpan<char> item = items[range];
            int equals = item.IndexOf('=');
            if (equals < 0)
                continue;
            ReadOnlySpan<char> value = item[(equals + 1)..];
            switch (item[..equals])
            {
                case "pc": state.Pc = Hex(value); break;
                case "s": state.Signal = Hex(value); break;
                case "a": state.Address = Hex(value); break;
                case "c": state.Fcsr = Hex(value); break;
                case ['x', .. var index]: state.X[int.Parse(index)] = Hex(value); break;
                case ['f', .. var index]: state.F[int.Parse(index)] = Hex(value); break;
                case ['m', .. var index]:
                    Convert.FromHexString(value, state.Memory.AsSpan(int.Parse(index)), out _, out _);
                    break;
                default: throw new InvalidOperationException($"unknown item '{item}' in the vectors");
            }
        }
    }

    private static ulong Hex(ReadOnlySpan<char> digits) => ulong.Parse(digits, NumberStyles.AllowHexSpecifier);
}
