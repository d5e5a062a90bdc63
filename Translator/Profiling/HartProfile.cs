using System.Runtime.InteropServices;
using RvJit.Machine;

namespace RvJit.Translator.Profiling;

/// <summary>
/// The samples of one hart. They are taken by its own thread, where code has come back to the dispatcher: the profiler
/// only raises the hart's poll flag.
/// </summary>
public sealed unsafe class HartProfile(int id)
{
    private const string MachinePlace = "machine";

    private readonly Lock _lock = new();
    private readonly List<ProfileSample> _samples = [];
    private readonly Dictionary<ProfileExit, long> _exits = [];
    private HartState* _state;
    private string _place = "";
    private ulong _retired;
    private long _due;

    public int Id => id;

    public IReadOnlyList<ProfileSample> Samples => _samples;

    public IReadOnlyDictionary<ProfileExit, long> Exits => _exits;

    /// <summary>From the profiler's thread: a sample is due that stands for so much time, if the hart executes code now.</summary>
    internal void Ask(long ticks)
    {
        lock (_lock)
        {
            if (_state == null)
                return;
            Interlocked.Add(ref _due, ticks);
            Volatile.Write(ref _state->Poll, 1);
        }
    }

    internal void Enter(Hart hart)
    {
        _place = hart.Memory is World world ? world.Name : MachinePlace;
        hart.State->LeftAt = 0;
        lock (_lock)
            _state = hart.State;
    }

    /// <summary>The hart leaves code for its trap's handler; afterwards its state may be gone.</summary>
    internal void Leave()
    {
        TakeDue(_state->Pc, ExecutedBy.Dispatcher);
        lock (_lock)
            _state = null;
    }

    internal void LeftRegion(bool step)
    {
        if (step || Volatile.Read(ref _state->Poll) == 0)
        {
            var exit = new ProfileExit(_place, _state->Pc, step ? ExitReason.Step : ExitReason.Unlinked);
            CollectionsMarshal.GetValueRefOrAddDefault(_exits, exit, out _)++;
        }

        TakeDue(TakePlace(), ExecutedBy.Region);
    }

    internal void LeftInterpreter() => TakeDue(TakePlace(), ExecutedBy.Interpreter);

    /// <summary>Whatever is due after neither of the two had it.</summary>
    internal void Dispatched() => TakeDue(_state->Pc, ExecutedBy.Dispatcher);

    /// <summary>The instruction that left, when it said which; otherwise the next one.</summary>
    private ulong TakePlace()
    {
        ulong pc = _state->LeftAt == 0 ? _state->Pc : _state->LeftAt;
        _state->LeftAt = 0;
        return pc;
    }

    private void TakeDue(ulong pc, ExecutedBy by)
    {
        if (Volatile.Read(ref _due) == 0)
            return;
        long ticks = Interlocked.Exchange(ref _due, 0);
        ulong retired = _state->Retired;
        _samples.Add(new ProfileSample(_place, pc, by, ticks, retired > _retired ? retired - _retired : 0));
        _retired = retired;
    }
}
