using RvJit.Translator.Isa;

namespace RvJit.Fuzz.Guest;

/// <summary>Where two executions part, in words.</summary>
internal static class Difference
{
    private const int MostBytes = 8;

    /// <param name="expected">The reference's.</param>
    /// <param name="actual">The executor's under test.</param>
    public static IEnumerable<string> Between(Outcome expected, Outcome actual)
    {
        if (expected.Failure is not null || actual.Failure is not null)
        {
            if (expected.Failure != actual.Failure)
                yield return $"{actual.Failure ?? "it ended"} instead of {expected.Failure ?? "an end"}";
            yield break;
        }

        for (int i = 0; i < Math.Min(expected.Stops.Count, actual.Stops.Count); i++)
        {
            string[] wrong = [.. Between(expected.Stops[i], actual.Stops[i])];
            foreach (string line in wrong)
                yield return expected.Stops.Count == 1 ? line : $"stop {i}: {line}";
            if (wrong.Length != 0)
                yield break;
        }

        if (expected.Stops.Count != actual.Stops.Count)
            yield return $"{actual.Stops.Count} stops instead of {expected.Stops.Count}";
        foreach (string line in Between("data", Layout.Data, expected.Data, actual.Data).Concat(Between("top", Layout.Top, expected.Top, actual.Top)))
            yield return line;
    }

    private static IEnumerable<string> Between(Stop expected, Stop actual)
    {
        if (expected.Signal != actual.Signal)
            yield return $"signal is {actual.Signal} instead of {expected.Signal}";
        if (expected.Pc != actual.Pc)
            yield return $"pc is 0x{actual.Pc:x} instead of 0x{expected.Pc:x}";
        if (expected.Address != actual.Address)
            yield return $"address is 0x{actual.Address:x} instead of 0x{expected.Address:x}";
        for (int r = 1; r < 32; r++)
        {
            if (expected.X[r] != actual.X[r])
                yield return $"{RegisterNames.Integer[r]} is 0x{actual.X[r]:x} instead of 0x{expected.X[r]:x}";
        }

        for (int r = 0; r < 32; r++)
        {
            if (expected.F[r] != actual.F[r])
                yield return $"{RegisterNames.Float[r]} is 0x{actual.F[r]:x} instead of 0x{expected.F[r]:x}";
        }

        if (expected.Fcsr != actual.Fcsr)
            yield return $"fcsr is 0x{actual.Fcsr:x} instead of 0x{expected.Fcsr:x}";
    }

    private static IEnumerable<string> Between(string what, ulong address, byte[] expected, byte[] actual)
    {
        int first = expected.AsSpan().CommonPrefixLength(actual);
        if (first == expected.Length && first == actual.Length)
            yield break;
        int count = Math.Min(MostBytes, expected.Length - first);
        yield return $"{what} from 0x{address + (ulong)first:x} is {Convert.ToHexStringLower(actual, first, count)}"
            + $" instead of {Convert.ToHexStringLower(expected, first, count)}";
    }
}
