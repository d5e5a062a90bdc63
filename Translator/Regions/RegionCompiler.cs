using System.Diagnostics;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using RvJit.Translator.Inspection;
using RvJit.Translator.Warmup;

namespace RvJit.Translator.Regions;

/// <summary>
/// Makes regions: on a background thread for the automatic tier, on the caller's for the forced one. RyuJIT always
/// compiles a DynamicMethod fully optimised and never again.
/// </summary>
internal sealed class RegionCompiler : IDisposable
{
    /// <summary>
    /// RyuJIT silently stops optimising at 60,000 IL bytes and at 8,000 uses of arguments and locals (clrconfig: JITMinOpts).
    /// The second comes first: loading or writing back a register takes two uses in 10 bytes, other code is less dense.
    /// </summary>
    private const int MaxIlBytes = 32_000;

    private const int StackBytes = 16 << 20;

    /// <summary>Regions keep <see cref="RvJit.Machine.HartState.Retired"/> exact.</summary>
    private readonly bool _count;

    /// <summary>And leave before a block that would pass <see cref="RvJit.Machine.HartState.RetiredLimit"/>.</summary>
    private readonly bool _limit;

    private readonly RegionCare _care;
    private readonly RegionLog? _log;
    private readonly bool _profiled;

    private readonly CompileQueue _queue = new();
    private readonly Lock _lock = new();
    private readonly HashSet<MethodInfo> _prepared = [];
    private readonly Lock _compileLock = new();
    private Thread? _thread;
    private long _ticks;
    private int _numbers;

    public RegionCompiler(EngineOptions options)
    {
        _count = options.CountInstructions || options.Limited;
        _limit = options.Limited;
        _care = options.Care;
        _log = options.Log;
        _profiled = options.Profiler is not null;
    }

    public long Compiled { get; private set; }

    public long Instructions { get; private set; }

    public long IlBytes { get; private set; }

    /// <summary>Regions that replaced another because its address checks failed too often.</summary>
    public long CarefulRegions { get; private set; }

    /// <summary>Regions that could not be compiled because of a defect of ours.</summary>
    public long Failures { get; private set; }

    public string? LastFailure { get; private set; }

    public double Milliseconds => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _ticks)).TotalMilliseconds;

    /// <summary>Regions made because an earlier run had them.</summary>
    public long Foreseen { get; private set; }

    /// <summary>Asks for a region in the background. A second request for the same place finds it done.</summary>
    /// <param name="host">Whose code it is.</param>
    /// <param name="pc">Where the region begins.</param>
    /// <param name="reason">Why.</param>
    public void Enqueue(IRegionHost host, ulong pc, CompileReason reason = CompileReason.Hot)
    {
        _queue.Add(new CompileRequest(host, pc, reason));
        lock (_lock)
        {
            if (_thread is null)
            {
                _thread = new Thread(Work, StackBytes) { IsBackground = true, Name = "region compiler" };
                _thread.Start();
            }
        }
    }

    /// <summary>Translates from pc now. False when nothing there can be translated, or it changed meanwhile.</summary>
    public bool Compile(IRegionHost host, ulong pc, CompileReason reason = CompileReason.Hot) => Compile(new CompileRequest(host, pc, reason));

    private bool Compile(CompileRequest request)
    {
        lock (_compileLock)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                return request.Host.WhileAlive(() => TryCompile(request));
            }
            catch (InvalidProgramException e)
            {
                // A defect of the emitter: the code stays interpreted, and the statistics say so.
                Failures++;
                LastFailure = $"region at 0x{request.Pc:x}: {e.Message}";
                return false;
            }
            finally
            {
                Volatile.Write(ref _ticks, _ticks + (Stopwatch.GetTimestamp() - start));
            }
        }
    }

    public void Dispose()
    {
        _queue.Close();
        _thread?.Join();
    }

    private void Work()
    {
        while (_queue.Take() is { } request)
        {
            long before = Compiled;
            _ = Compile(request);
            Foreseen += request.Reason == CompileReason.Foreseen ? Compiled - before : 0;
        }
    }

    private bool TryCompile(CompileRequest request)
    {
        (IRegionHost host, ulong pc) = (request.Host, request.Pc);
        if (host.RegionAt(pc) is { } known)
            return (host.CareAt(pc) & ~known.Care) == 0 || TryTranslate(host, pc);
        if (host.Growth is not { } growth)
            return TryTranslate(host, pc);
        ulong? root = growth.RootFor(request);
        if (root is null)
            return true;
        bool done = TryTranslate(host, root.Value, pc);
        if (root != pc)
            done = host.RegionAt(pc) is not null || growth.RootFor(request) is null || TryTranslate(host, pc);
        if (host.RegionAt(pc) is { } region)
        {
            foreach (ulong caller in growth.TakeCallers(region, request))
                TryTranslate(host, caller);
        }

        return done;
    }

    /// <param name="host">Whose code it is.</param>
    /// <param name="pc">First entry.</param>
    /// <param name="wanted">What the region must hold to be of use.</param>
    private bool TryTranslate(IRegionHost host, ulong pc, ulong? wanted = null)
    {
        for (int max = ControlFlow.DefaultMaxInstructions; max > 0; max /= 2)
        {
            long generation = host.Generation;
            RegionCare care = _care | host.CareAt(pc);
            CodeSource code = host.Open();
            ControlFlow? flow = ControlFlow.Discover(code, pc, host.Growth?.EntriesOf(pc) ?? [], max);
            if (flow is null || (wanted is { } place && !flow.Holds(place)))
                return false;
            DataFlow.Solve(flow);
            var method = new DynamicMethod(
                $"rv_{pc:x}", typeof(long), RegionEmitter.Parameters, typeof(RegionCompiler).Module, skipVisibility: true)
            {
                InitLocals = false,
            };
            ILGenerator il = method.GetILGenerator(8192);
            var emitter = new RegionEmitter(flow, code, new RegionOptions(++_numbers, _count, _limit, care), il) { Profiled = _profiled };
            emitter.EmitAll();
            if (il.ILOffset > MaxIlBytes)
                continue;
            if (host.RegionAt(pc) is { } known && known.IsAs(emitter.Entries, flow.Inside, il.ILOffset, care))
                return true; // what was to be added does not fit: half of the time goes into what follows
            Prepare(emitter.Called);
            RuntimeMethodHandle handle = GetMethodDescriptor(method);
            RuntimeHelpers.PrepareMethod(handle);
            var region = new Region(
                emitter.Entries,
                [.. code.Pages],
                method,
                handle.GetFunctionPointer(),
                flow.InstructionCount,
                il.ILOffset,
                _numbers,
                care)
            {
                Inside = flow.Inside,
                LeftOut = flow.LeftOut,
                Calls = flow.Calls,
                OwnInstructions = flow.OwnInstructionCount,
                LaneLoops = emitter.LaneLoops,
            };
            _log?.Add(region, flow, host.Name);
            Compiled++;
            CarefulRegions += care != RegionCare.None ? 1 : 0;
            Instructions += region.Instructions;
            IlBytes += region.IlBytes;
            if (emitter.Float.Used)
                host.RequireFloatEnvironment();
            if (!host.Install(region, generation))
                return false;
            host.Growth?.Add(region);
            return true;
        }

        return false;
    }

    /// <summary>Compiles what regions call, so that no compiler runs under a guest's rounding mode and flags.</summary>
    private void Prepare(IEnumerable<MethodInfo> methods)
    {
        foreach (MethodInfo m in methods)
        {
            if (!_prepared.Add(m))
                continue;
            if (m.DeclaringType is { IsGenericType: true } type)
                RuntimeHelpers.PrepareMethod(m.MethodHandle, [.. type.GetGenericArguments().Select(t => t.TypeHandle)]);
            else
                RuntimeHelpers.PrepareMethod(m.MethodHandle);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "GetMethodDescriptor")]
    private static extern RuntimeMethodHandle GetMethodDescriptor(DynamicMethod method);
}
