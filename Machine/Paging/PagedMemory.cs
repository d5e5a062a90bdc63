namespace RvJit.Machine.Paging;

/// <summary>
/// Memory as one hart sees it through address translation and PMP: the precise way of every access that the TLB does
/// not decide, and what fills the TLB. Only RAM is ever put there, and only pages that the hart may use as a whole.
/// </summary>
public sealed unsafe partial class PagedMemory : MemoryView, ITranslation
{
    /// <summary>TLB blocks that a hart keeps: modes times the address spaces that take turns.</summary>
    private const int MostBlocks = 16;

    private readonly Lock _lock = new();

    /// <summary>Held while the hart changes and while somebody waits for it; a hart takes it outside code.</summary>
    private readonly Lock _seat = new();
    private readonly List<TlbBlock> _blocks = [];
    private readonly PmpView _pmp;
    private TranslationMode _mode;
    private TlbBlock _current;
    private long _switches;
    private long _generation;

    /// <summary>Gives a hart this memory for good, in M-mode until told otherwise.</summary>
    public PagedMemory(Hart hart, MachineMemory machine)
        : this(machine, hart.Pmp) => Bind(hart);

    /// <summary>Memory that harts take turns in, under PMP registers of its own. In M-mode until told otherwise.</summary>
    public PagedMemory(MachineMemory machine, PmpRegisters pmp)
    {
        Machine = machine;
        _pmp = new PmpView(pmp);
        _mode = new TranslationMode(Privilege.Machine, Privilege.Machine, 0, false, false, false, false, false);
        _current = new TlbBlock { Mode = KeyOf(_mode) };
        _blocks.Add(_current);
        machine.Add(this);
    }

    /// <summary>The hart whose memory this is now, or null.</summary>
    public Hart? Hart { get; private set; }

    public MachineMemory Machine { get; }

    /// <summary>Raised when translations or code blocks were dropped: what was looked up before may not be filled in after.</summary>
    public long Generation => Volatile.Read(ref _generation);

    /// <summary>A hart begins to use this memory; on its own thread, outside code. Nobody else is using it.</summary>
    public void Bind(Hart hart)
    {
        lock (_seat)
            Hart = hart;
        hart.UseMemory(this);
        hart.State->Memory = _current.Base;
    }

    /// <summary>The hart leaves: its thread enters other memory next. What the TLB holds stays good for the next one.</summary>
    public void Unbind()
    {
        lock (_seat)
            Hart = null;
    }

    public void SetMode(in TranslationMode mode)
    {
        Hart!.State->FloatTrapped = mode.FloatDirty ? 0 : 1;
        _mode = mode;
        TranslationMode key = KeyOf(mode);
        if (key == _current.Mode)
            return;
        lock (_lock)
        {
            _current = FindOrMake(key);
            _current.UsedAt = ++_switches;
            if (_current.IsStale)
                _current.Clear();
            Hart.State->Memory = _current.Base;
        }
    }

    public void Flush(ulong? address, ulong? space)
    {
        lock (_lock)
        {
            _generation++;
            foreach (TlbBlock block in _blocks)
            {
                if (block.IsStale || !PageTable.Translates(block.Mode.Satp) || (space is { } s && SpaceOf(block.Mode.Satp) != (s & SpaceMask)))
                    continue;
                if (address is { } a)
                    block.Drop(a);
                else
                    Void(block);
            }
        }
    }

    public void FlushAll()
    {
        lock (_lock)
        {
            _generation++;
            foreach (TlbBlock block in _blocks)
                Void(block);
        }
    }

    /// <summary>No entry of this hart lets stores to a physical page through any more; true when one did.</summary>
    public bool DropWriteTags(ulong page)
    {
        bool found = false;
        lock (_lock)
        {
            foreach (TlbBlock block in _blocks)
                found |= block.DropWriteTags(page);
        }

        return found;
    }

    /// <summary>The engine gives up a block of code: no code entry of this hart leads to it any more.</summary>
    public void DropCode(byte* codeBlock)
    {
        lock (_lock)
        {
            _generation++;
            foreach (TlbBlock block in _blocks)
                block.DropCode(codeBlock);
        }
    }

    /// <summary>Lets control reach a block of code from the page of pc, unless something was dropped since <paramref name="generation"/>.</summary>
    public void FillCode(ulong pc, byte* codeBlock, long generation)
    {
        lock (_lock)
        {
            if (_generation == generation)
                _current.FillCode(TlbLayout.PageOf(pc), codeBlock);
        }
    }

    /// <summary>Waits until the hart here, if it is another one, has been outside code once (<see cref="World.Quiesce"/>'s protocol).</summary>
    internal void Quiesce(Hart? self)
    {
        lock (_seat)
        {
            if (Hart is not { } hart || hart == self)
                return;
            HartState* s = hart.State;
            long epoch = Volatile.Read(ref s->Epoch);
            Volatile.Write(ref s->Poll, 1);
            Interlocked.MemoryBarrier();
            SpinWait spin = default;
            while (Volatile.Read(ref s->InCode) != 0 && Volatile.Read(ref s->Epoch) == epoch)
                spin.SpinOnce();
        }
    }

    /// <summary>Every address that the fast path would let through now, with its addend; for tests of what must never be there.</summary>
    public IReadOnlyList<(ulong Tag, ulong Addend)> DataEntries()
    {
        lock (_lock)
            return [.. _blocks.SelectMany(block => block.DataEntries())];
    }

    internal void Release()
    {
        foreach (TlbBlock block in _blocks)
            block.Free();
        _blocks.Clear();
    }

    private const int SpaceShift = 44;
    private const ulong SpaceMask = 0xFFFF;

    /// <summary>satp.ASID.</summary>
    private static ulong SpaceOf(ulong satp) => (satp >> SpaceShift) & SpaceMask;

    /// <summary>A mode without what does not matter in it, so that equal translations share a block.</summary>
    private static TranslationMode KeyOf(in TranslationMode mode)
    {
        bool translates = mode is not { Fetch: Privilege.Machine, Data: Privilege.Machine } && PageTable.Translates(mode.Satp);
        return mode with
        {
            Satp = translates ? mode.Satp : 0,
            Sum = translates && mode is { Sum: true, Data: Privilege.Supervisor },
            Mxr = translates && mode is { Mxr: true, Data: not Privilege.Machine },
            HardwareUpdate = translates && mode.HardwareUpdate,
            MemoryTypes = translates && mode.MemoryTypes,
            FloatDirty = false,
        };
    }

    /// <summary>Takes every entry away; another block than the current one is cleared when it is needed.</summary>
    private void Void(TlbBlock block)
    {
        if (block == _current)
            block.Clear();
        else
            block.IsStale = true;
    }

    private TlbBlock FindOrMake(in TranslationMode key)
    {
        TlbBlock oldest = _blocks[0];
        foreach (TlbBlock block in _blocks)
        {
            if (block.Mode == key)
                return block;
            if (block.UsedAt < oldest.UsedAt)
                oldest = block;
        }

        if (_blocks.Count < MostBlocks)
        {
            oldest = new TlbBlock();
            _blocks.Add(oldest);
        }
        else
        {
            oldest.Clear();
        }

        oldest.Mode = key;
        return oldest;
    }
}
