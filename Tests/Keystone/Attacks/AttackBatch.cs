using System.Collections.Concurrent;
using RvJit.Monitor;
using RvJit.Translator;

namespace RvJit.Tests.Keystone.Attacks;

/// <summary>
/// Attacks that a prebuilt program makes one after the other in one process, because translating it costs more than all of
/// them. It prints a line for each. One that the host's kernel had to kill has lost its memory, which is a breach too.
/// </summary>
/// <param name="program">The program's name.</param>
/// <param name="arguments">What follows the names of the attacks, by the model.</param>
internal sealed class AttackBatch(string program, Func<SecurityModel, string[]> arguments)
{
    private const int KilledBySegmentationFault = 128 + 11;

    private readonly List<string> _names = [];
    private readonly ConcurrentDictionary<(Tier, SecurityModel), Lazy<(string[] Lines, int ExitCode)>> _runs = new();

    public bool GuestRuntime { get; init; }

    public int PmpEntries { get; init; } = 64;

    /// <summary>The next attack: what makes it, and how it ended.</summary>
    public Func<Tier, SecurityModel, AttackOutcome> Add(string name)
    {
        int index = _names.Count;
        _names.Add(name);
        return (tier, model) => Outcome(tier, model, index);
    }

    private AttackOutcome Outcome(Tier tier, SecurityModel model, int index)
    {
        (string[] lines, int exitCode) = _runs.GetOrAdd((tier, model), _ => new(() => Run(tier, model))).Value;
        if (exitCode == KilledBySegmentationFault && index == lines.Length)
            return AttackOutcome.Breached;
        if (index >= lines.Length || (exitCode != KilledBySegmentationFault && lines.Length != _names.Count))
            throw new InvalidOperationException($"{program} {_names[index]} ended with {exitCode}:\n{string.Join('\n', lines)}");
        return lines[index].StartsWith("breached: ", StringComparison.Ordinal) ? AttackOutcome.Breached : AttackOutcome.Stopped;
    }

    private (string[] Lines, int ExitCode) Run(Tier tier, SecurityModel model)
    {
        KeystoneResult result = KeystoneProgram.Prebuilt(
            program, [string.Join(',', _names), .. arguments(model)], tier, guestRuntime: GuestRuntime,
            monitor: new SecurityMonitorOptions { Model = model, PmpEntries = PmpEntries }).Run();
        return (result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), result.Status.ShellCode);
    }
}
