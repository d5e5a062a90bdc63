using RvJit.Fuzz.Generation;
using RvJit.Fuzz.Guest;

namespace RvJit.Fuzz.Shrinking;

/// <summary>
/// Makes a failing program smaller while it still fails: drops groups of items (delta debugging, Zeller and Hildebrandt
/// 2002), halves iteration counts, clears the state it starts from.
/// </summary>
internal sealed class Shrinker(Func<GeneratedProgram, bool> fails, TimeSpan limit)
{
    private readonly DateTime _deadline = DateTime.UtcNow + limit;

    /// <summary>Programs tried.</summary>
    public int Tried { get; private set; }

    public GeneratedProgram Shrink(GeneratedProgram program)
    {
        int size;
        do
        {
            size = program.Items.Count;
            program = WithFewerGroups(program);
            program = WithFewerPasses(program);
        }
        while (program.Items.Count < size && !IsLate);
        return WithSimplerState(program);
    }

    private bool IsLate => DateTime.UtcNow > _deadline;

    private bool Fails(GeneratedProgram program)
    {
        Tried++;
        return !IsLate && fails(program);
    }

    private GeneratedProgram WithFewerGroups(GeneratedProgram program)
    {
        List<int> groups = [.. program.Items.Select(i => i.Group).Where(g => g != 0).Distinct()];
        for (int chunk = Math.Max(1, groups.Count / 2); ; chunk /= 2)
        {
            for (int at = 0; at < groups.Count;)
            {
                var dropped = groups.Skip(at).Take(chunk).ToHashSet();
                GeneratedProgram candidate = program with { Items = [.. program.Items.Where(i => !dropped.Contains(i.Group))] };
                if (Fails(candidate))
                {
                    program = candidate;
                    groups.RemoveRange(at, Math.Min(chunk, groups.Count - at));
                }
                else
                {
                    at += chunk;
                }
            }

            if (chunk <= 1 || IsLate)
                return program;
        }
    }

    private GeneratedProgram WithFewerPasses(GeneratedProgram program)
    {
        for (int i = 0; i < program.Items.Count; i++)
        {
            while (program.Items[i] is { IsCount: true, Value: var value } && value / 2 != 0)
            {
                List<Item> items = [.. program.Items];
                items[i] = items[i] with { Value = value / 2 };
                GeneratedProgram candidate = program with { Items = items };
                if (!Fails(candidate))
                    break;
                program = candidate;
            }
        }

        return program;
    }

    private GeneratedProgram WithSimplerState(GeneratedProgram program)
    {
        program = Try(program, state => state.Fcsr = 0);
        for (int r = 1; r < 32; r++)
            program = Try(program, state => state.X[r] = 0);
        for (int r = 0; r < 32; r++)
            program = Try(program, state => state.F[r] = 0);
        foreach (Func<MachineState, byte[]> area in (Func<MachineState, byte[]>[])[s => s.Data, s => s.Pool, s => s.Top])
            program = Cleared(program, area, 0, area(program.Initial).Length);
        return program;
    }

    private GeneratedProgram Try(GeneratedProgram program, Action<MachineState> simplify)
    {
        MachineState state = program.Initial.Clone();
        simplify(state);
        GeneratedProgram candidate = program with { Initial = state };
        return Fails(candidate) ? candidate : program;
    }

    private GeneratedProgram Cleared(GeneratedProgram program, Func<MachineState, byte[]> area, int start, int bytes)
    {
        const int Smallest = 8;
        if (!area(program.Initial).AsSpan(start, bytes).ContainsAnyExcept((byte)0))
            return program;
        GeneratedProgram cleared = Try(program, state => area(state).AsSpan(start, bytes).Clear());
        if (!ReferenceEquals(cleared, program) || bytes <= Smallest || IsLate)
            return cleared;
        program = Cleared(program, area, start, bytes / 2);
        return Cleared(program, area, start + (bytes / 2), bytes / 2);
    }
}
