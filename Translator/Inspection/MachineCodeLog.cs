using System.Diagnostics;
using System.Diagnostics.Tracing;

namespace RvJit.Translator.Inspection;

/// <summary>How RyuJIT compiled a method: the tier in a MethodLoad event's flags (.NET runtime, JitOptimizationTier).</summary>
public enum CodeQuality
{
    Unknown = 0,

    /// <summary>Not optimised, because the method is too big.</summary>
    MinOpts = 1,

    Optimized = 2,

    /// <summary>Not optimised, to be quick.</summary>
    Quick = 3,

    OptimizedTier1 = 4,
}

/// <summary>One method's machine code.</summary>
/// <param name="Address">Host address of its first byte.</param>
/// <param name="Bytes">Its length, cold parts included.</param>
/// <param name="Quality">Whether it was optimised.</param>
public sealed record MachineCode(nint Address, int Bytes, CodeQuality Quality);

/// <summary>
/// The machine code of every method that is compiled while this object exists, as the runtime's own events tell it.
/// Methods are compiled slower meanwhile, and events come a moment later than the code.
/// </summary>
public sealed class MachineCodeLog : EventListener
{
    private const string RuntimeSource = "Microsoft-Windows-DotNETRuntime";

    /// <summary>JitKeyword of the runtime's event source.</summary>
    private const EventKeywords Jit = (EventKeywords)0x10;

    // MethodFlags: "bits 7 to 9 are the optimization tier" (.NET documentation, MethodLoadVerbose_V2).
    private const int TierShift = 7;
    private const uint TierMask = 7;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<nint, MachineCode> _methods = [];
    private bool _told;

    /// <summary>
    /// The code at an address; null when the runtime does not tell. Waits for the event when it has not come yet.
    /// </summary>
    public MachineCode? Find(nint address)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_methods)
        {
            MachineCode? code;
            while (!_methods.TryGetValue(address, out code))
            {
                TimeSpan left = s_patience - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || !_told || !Monitor.Wait(_methods, left))
                    break;
            }

            return code;
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name != RuntimeSource)
            return;
        EnableEvents(eventSource, EventLevel.Verbose, Jit);
        _told = true;
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("MethodLoadVerbose", StringComparison.Ordinal) != true)
            return;
        nint address = (nint)(ulong)Field(eventData, "MethodStartAddress");
        var quality = (CodeQuality)(((uint)Field(eventData, "MethodFlags") >> TierShift) & TierMask);
        lock (_methods)
        {
            _methods[address] = new MachineCode(address, (int)(uint)Field(eventData, "MethodSize"), quality);
            Monitor.PulseAll(_methods);
        }
    }

    private static object Field(EventWrittenEventArgs e, string name) => e.Payload![e.PayloadNames!.IndexOf(name)]!;
}
