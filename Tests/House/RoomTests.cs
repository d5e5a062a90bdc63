using System.Reflection;
using NUnit.Framework;

namespace RvJit.Tests.House;

/// <summary>Who may know whom (docs/architecture.md), read from the built assemblies.</summary>
public class RoomTests
{
    private static readonly Dictionary<string, string[]> _mayKnow = new()
    {
        ["RvJit.Machine"] = [],
        ["RvJit.Translator"] = ["RvJit.Machine"],
        ["RvJit.Monitor"] = ["RvJit.Machine"],
        ["RvJit.Guest"] = ["RvJit.Monitor", "RvJit.Machine"],
        ["rvjit"] = ["RvJit.Guest", "RvJit.Translator", "RvJit.Monitor", "RvJit.Machine"],
    };

    [TestCaseSource(nameof(Rooms))]
    public void KnowsOnlyItsNeighbours(string room)
    {
        IEnumerable<string> known = Assembly.Load(room).GetReferencedAssemblies()
            .Select(assembly => assembly.Name!)
            .Where(_mayKnow.ContainsKey);

        Assert.That(known, Is.SubsetOf(_mayKnow[room]));
    }

    private static string[] Rooms() => [.. _mayKnow.Keys];
}
