using RvJit.Fuzz.Guest;

namespace RvJit.Fuzz.Execution;

/// <summary>Something that executes cases: the reference, or one way of ours.</summary>
internal interface IExecutor : IDisposable
{
    string Name { get; }

    Outcome Run(TestCase test);
}
