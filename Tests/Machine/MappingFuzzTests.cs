using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Machine;

/// <summary>
/// Random mapping, protecting and unmapping of a few pages, against a model that keeps one entry a page; after each step
/// guest code loads, stores and jumps there, at page edges above all.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed unsafe class MappingFuzzTests(Tier tier) : IDisposable
{
    private const ulong Start = 0x40_0000;
    private const int Pages = 12;
    private const int PhysicalPages = 16;
    private const int Steps = 700;
    private const int AccessesOfAStep = 12;

    private static readonly string[] s_names = ["lb", "lhu", "lw", "ld", "sb", "sh", "sw", "sd", "fld", "fsw"];
    private static readonly Access[] s_grants =
        [Access.None, Access.Read, Access.Write, Access.ReadWrite, Access.Execute, Access.Read | Access.Execute, Access.All];

    private readonly GuestHarness _guest = new(tier);
    private readonly (ulong Physical, Access Access)?[] _model = new (ulong, Access)?[Pages];
    private readonly byte[] _contents = new byte[PhysicalPages * HostMemory.PageSize];
    private ulong _pool;

    public void Dispose() => _guest.Dispose();

    [Test]
    public void EveryAccessDoesWhatTheModelSays([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        Assert.That(_guest.Memory.TryAllocate((ulong)_contents.Length, HostMemory.PageSize, out _pool));
        MemoryInstruction[] instructions = [.. MemoryInstruction.All.Where(m => s_names.Contains(m.Name))];
        for (int k = 0; k < instructions.Length; k++)
            _guest.Assemble(GuestHarness.CodeAddress + ((ulong)k * 64), instructions[k].Word(), 0x9002);
        for (int step = 0; step < Steps; step++)
        {
            string what = Change(random);
            for (int n = 0; n < AccessesOfAStep; n++)
            {
                int k = random.Next(instructions.Length + 1);
                if (k < instructions.Length)
                    AccessMemory(instructions[k], GuestHarness.CodeAddress + ((ulong)k * 64), random, $"step {step}: {what}");
                else
                    Fetch(Start + ((ulong)random.Next(Pages * HostMemory.PageSize / 2) * 2), $"step {step}: {what}");
            }
        }

        Assert.That(_guest.Memory.Span(_pool, _contents.Length).SequenceEqual(_contents), "nothing else was written");
    }

    private string Change(Random random)
    {
        int first = random.Next(Pages);
        int count = random.Next(1, Pages - first + 1);
        (ulong address, ulong bytes) = (Start + ((ulong)first * HostMemory.PageSize), (ulong)count * HostMemory.PageSize);
        Access access = s_grants[random.Next(s_grants.Length)];

        // W without R is reserved, so it is taken as both.
        Access granted = (access & Access.Write) != 0 ? access | Access.Read : access;
        switch (random.Next(3))
        {
            case 0:
                ulong physical = _pool + ((ulong)random.Next(PhysicalPages - count + 1) * HostMemory.PageSize);
                Assert.That(_guest.World.TryMap(address, bytes, physical, access));
                for (int p = 0; p < count; p++)
                    _model[first + p] = (physical + ((ulong)p * HostMemory.PageSize), granted);
                return $"map {count} at {first} {access}";
            case 1:
                _guest.World.Unmap(address, bytes);
                _model.AsSpan(first, count).Clear();
                return $"unmap {count} at {first}";
            default:
                _guest.World.Protect(address, bytes, access);
                foreach (ref (ulong Physical, Access Access)? page in _model.AsSpan(first, count))
                    page = page is { } p ? (p.Physical, granted) : null;
                return $"protect {count} at {first} {access}";
        }
    }

    private void AccessMemory(MemoryInstruction memory, ulong code, Random random, string what)
    {
        ulong edge = Start + ((ulong)random.Next(Pages + 1) * HostMemory.PageSize);
        ulong address = edge + (ulong)random.Next(-12, 13);
        Access need = memory.Writes ? Access.Write : Access.Read;
        ulong value = (ulong)random.NextInt64();
        ulong? fault = null;
        ulong loaded = 0;
        for (ulong n = 0; n < (ulong)memory.Bytes; n++)
        {
            if (PlaceOf(address + n, need) is { } place)
                loaded |= (ulong)_contents[place] << (int)(n * 8);
            else
                fault ??= address + n;
        }

        for (ulong n = 0; n < (ulong)memory.Bytes && memory.Writes && fault is null; n++)
            _contents[PlaceOf(address + n, need)!.Value] = (byte)(value >> (int)(n * 8));
        _guest.X[11] = address;
        _guest.X[10] = _guest.F[10] = value;

        Trap trap = _guest.Run(code);

        what = $"{what}; {memory.Name} at {address:x}";
        Assert.That(trap, Is.EqualTo(fault is { } f ? new Trap(memory.PageFault, f) : new Trap(TrapCause.Breakpoint, code + 4)), what);
        if (fault is not null || memory.Writes)
            return;
        ulong got = memory.Name == "fld" ? _guest.F[10] : _guest.X[10];
        int unused = 64 - (memory.Bytes * 8);
        Assert.That(got << unused, Is.EqualTo(loaded << unused), what);
    }

    private void Fetch(ulong address, string what)
    {
        // What lies there is data: only whether it may be fetched is known. Breakpoints are put there to stop at once.
        if (PlaceOf(address, Access.Execute) is not { } place)
        {
            Assert.That(_guest.Run(address), Is.EqualTo(new Trap(TrapCause.InstructionPageFault, address)), what);
            return;
        }

        if (!_guest.World.TryWrite(address, (ushort)0x9002))
            return;
        (_contents[place], _contents[place + 1]) = (0x02, 0x90);
        Assert.That(_guest.Run(address), Is.EqualTo(new Trap(TrapCause.Breakpoint, address)), what);
    }

    /// <summary>Where in the pool a byte lies, if it may be accessed so.</summary>
    private int? PlaceOf(ulong address, Access need)
    {
        ulong page = (address - Start) / HostMemory.PageSize;
        if (page >= Pages || _model[page] is not { } mapping || (mapping.Access & need) != need)
            return null;
        return (int)(mapping.Physical - _pool + (address % HostMemory.PageSize));
    }
}
