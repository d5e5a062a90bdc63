using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using RvJit.Machine;

namespace RvJit.Cli.Commands;

/// <summary>Reads the values of options that are numbers, and says what is wrong with one that is not.</summary>
internal static class MachineValues
{
    private const ulong LeastMemory = HostMemory.PageSize;

    /// <summary>256 GiB; the host's own tables for guest memory grow with it.</summary>
    private const ulong MostMemory = 256UL << 30;

    private const ulong MostEnclaveMemory = 1UL << 30;

    public static ulong Memory(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (!TrySize(text, out ulong bytes))
            result.AddError($"--memory {text} is no size; write 512M, 2G or 65536K");
        else if (bytes % HostMemory.PageSize != 0 || bytes < LeastMemory)
            result.AddError($"--memory {text} is no whole number of {HostMemory.PageSize}-byte pages; write 512M, 2G or 65536K");
        else if (bytes > MostMemory)
            result.AddError($"--memory {text} is too much; the most is {MostMemory >> 30}G");
        return bytes;
    }

    /// <summary>Bytes of a part of an enclave: more than none, at most a GiB.</summary>
    public static ulong EnclaveMemory(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (!TrySize(text, out ulong bytes) || bytes is 0 or > MostEnclaveMemory)
            result.AddError($"{Name(result)} {text} is not possible; write 65536, 512K or 16M, up to {MostEnclaveMemory >> 30}G");
        return bytes;
    }

    public static int Number(ArgumentResult result, int least, int most)
    {
        string text = result.Tokens[^1].Value;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < least || number > most)
            result.AddError($"{Name(result)} {text} is not possible; say {least} to {most}");
        return number;
    }

    public static int OneOf(ArgumentResult result, IReadOnlyList<int> values)
    {
        string text = result.Tokens[^1].Value;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || !values.Contains(number))
            result.AddError($"{Name(result)} {text} is not possible; say {string.Join(" or ", values)}");
        return number;
    }

    public static ulong? Count(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count) || count == 0)
            result.AddError($"{Name(result)} {text} is no count; say 1000000, for instance");
        return count;
    }

    public static TimeSpan? Seconds(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && seconds > 0 && seconds < TimeSpan.MaxValue.TotalMilliseconds / 1e9)
            return TimeSpan.FromSeconds(seconds);
        result.AddError($"{Name(result)} {text} is no time; say 10 or 0.5, in seconds");
        return null;
    }

    private static string Name(ArgumentResult result) => ((OptionResult)result.Parent!).Option.Name;

    private static bool TrySize(string text, out ulong bytes)
    {
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch
        {
            'K' => 10,
            'M' => 20,
            'G' => 30,
            _ => 0,
        };
        string digits = shift == 0 ? text : text[..^1];
        bool valid = ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out bytes) && bytes <= ulong.MaxValue >> shift;
        bytes <<= shift;
        return valid;
    }
}
