using RvJit.Fuzz.Guest;

namespace RvJit.Fuzz.Generation;

/// <summary>A program before it has addresses, and what it starts from.</summary>
internal sealed record GeneratedProgram(IReadOnlyList<Item> Items, MachineState Initial)
{
    public TestCase ToCase() => new(CodeLayout.Assemble(Items, Layout.Code), Initial);

    public bool Fits => CodeLayout.Assemble(Items, Layout.Code).Length <= Layout.CodeBytes - Layout.PageBytes;
}
