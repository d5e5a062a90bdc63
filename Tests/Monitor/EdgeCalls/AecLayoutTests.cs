using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using NUnit.Framework;
using RvJit.Guest.Keystone;
using RvJit.Machine;
using RvJit.Monitor.EdgeCalls;
using RvJit.Monitor.Runtime;
using RvJit.Tests.Linux;
using RvJit.Translator;

namespace RvJit.Tests.Monitor.EdgeCalls;

/// <summary>The layout of AEC v2 stands once in C and once in C#: what the C compiler says of the one is true of the other.</summary>
public sealed unsafe class AecLayoutTests
{
    private static readonly Type[] _structures =
    [
        typeof(AecHeader), typeof(AecLine), typeof(AecSqe), typeof(AecCqe), typeof(AecSetup), typeof(AecDoor), typeof(AecCounters),
        typeof(AecAttachment),
    ];

    private static readonly Dictionary<string, long> _values = new()
    {
        ["AEC_MAGIC"] = AecAbi.Magic,
        ["AEC_MAJOR"] = AecAbi.Major,
        ["AEC_MINOR"] = AecAbi.Minor,
        ["AEC_MIN_REGION"] = AecAbi.MinimumRegion,
        ["AEC_MIN_LOG2"] = AecAbi.MinimumLog2,
        ["AEC_MAX_LOG2"] = AecAbi.MaximumLog2,
        ["AEC_MAX_LANES"] = AecAbi.MaximumLanes,
        ["AEC_MAX_PAYLOAD"] = AecAbi.MaximumPayload,
        ["AEC_INLINE_MAX"] = AecAbi.InlineBytes,
        ["AEC_LANE_LINES"] = AecAbi.LaneLines,
        ["AEC_HEAD_LINE"] = AecAbi.HeadLine,
        ["AEC_HOT_LINE"] = AecAbi.HotLine,
        ["AEC_INIT"] = (long)AecState.Initial,
        ["AEC_LIVE"] = (long)AecState.Live,
        ["AEC_DRAIN"] = (long)AecState.Draining,
        ["AEC_DEAD"] = (long)AecState.Dead,
        ["AEC_ZE"] = (long)AecZone.EnclaveControl,
        ["AEC_ZH"] = (long)AecZone.HostControl,
        ["AEC_DE"] = (long)AecZone.EnclaveData,
        ["AEC_DH"] = (long)AecZone.HostData,
        ["AEC_NEED_NOTIFY"] = (long)AecWish.Notify,
        ["AEC_USE_EVENT"] = (long)AecWish.UseEvent,
        ["AEC_IDLE"] = (long)AecWish.Idle,
        ["AEC_NOP"] = (long)AecOperation.Nop,
        ["AEC_CALL"] = (long)AecOperation.Call,
        ["AEC_CANCEL"] = (long)AecOperation.Cancel,
        ["AEC_FENCE"] = (long)AecOperation.Fence,
        ["AEC_INLINE"] = (long)AecFlags.Inline,
        ["AEC_SEALED"] = (long)AecFlags.Sealed,
        ["AEC_NO_CQE"] = (long)AecFlags.NoCompletion,
        ["AEC_LINK"] = (long)AecFlags.Link,
        ["AEC_NEST_OK"] = (long)AecFlags.NestOk,
        ["AEC_URGENT"] = (long)AecFlags.Urgent,
        ["AEC_OK"] = (long)AecStatus.Ok,
        ["AEC_E_PERM"] = (long)AecStatus.NotPermitted,
        ["AEC_E_NOENT"] = (long)AecStatus.NoEntry,
        ["AEC_E_AGAIN"] = (long)AecStatus.Again,
        ["AEC_E_INVAL"] = (long)AecStatus.Invalid,
        ["AEC_E_NOFUNC"] = (long)AecStatus.NoFunction,
        ["AEC_E_NEST"] = (long)AecStatus.Nested,
        ["AEC_E_RING"] = (long)AecStatus.Ring,
        ["AEC_E_TAMPER"] = (long)AecStatus.Tampered,
        ["AEC_E_TOOBIG"] = (long)AecStatus.TooBig,
        ["AEC_E_GONE"] = (long)AecStatus.Gone,
        ["AEC_E_TIMEOUT"] = (long)AecStatus.Timeout,
        ["AEC_E_ALREADY"] = (long)AecStatus.Already,
        ["AEC_E_STALE"] = (long)AecStatus.Stale,
        ["AEC_E_CANCELED"] = (long)AecStatus.Canceled,
        ["AEC_EYRIE_SETUP"] = (long)AecAbi.RuntimeSetup,
        ["AEC_EYRIE_SET_TABLE"] = (long)AecAbi.RuntimeSetTable,
        ["AEC_EYRIE_WAIT"] = (long)AecAbi.RuntimeWait,
        ["AEC_EYRIE_FALLBACK"] = (long)AecAbi.RuntimeFallback,
        ["AEC_EYRIE_SHM_CREATE"] = (long)RuntimeCall.SharedRegionCreate,
        ["AEC_EYRIE_SHM_GRANT"] = (long)RuntimeCall.SharedRegionGrant,
        ["AEC_EYRIE_SHM_TRANSFER"] = (long)RuntimeCall.SharedRegionTransfer,
        ["AEC_EYRIE_SHM_LOCK"] = (long)RuntimeCall.SharedRegionLock,
        ["AEC_EYRIE_SHM_MAP"] = (long)RuntimeCall.SharedRegionMap,
        ["AEC_EYRIE_RECEIVE"] = (long)RuntimeCall.RegisterReceiver,
        ["AEC_IOC_RECEIVE"] = KeystoneDriverAbi.Receive,
        ["AEC_IOC_SETUP"] = AecAbi.SetupRequest,
        ["AEC_IOC_TEARDOWN"] = AecAbi.TearDownRequest,
        ["AEC_IOC_DOOR"] = AecAbi.DoorRequest,
        ["AEC_IOC_COUNTERS"] = AecAbi.CountersRequest,
        ["AEC_RING"] = (long)AecDoorAction.Ring,
        ["AEC_SLEEP"] = (long)AecDoorAction.Sleep,
        ["aec_tx_offset(3,5)"] = AecAbi.CallingOffset(3, 5),
        ["aec_rx_offset(3,2,5)"] = AecAbi.ServingOffset(3, 2, 5),
    };

    [Test]
    public void BothLanguagesSayTheSame()
    {
        string[] lines = new GuestProgram { Path = GuestProgram.Prebuilt("aec-plain"), Arguments = ["layout"], Tier = Tier.Interp }.Run()
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.That(lines.Where(l => l.StartsWith("AEC_", StringComparison.Ordinal) || l.Contains('(')).Count(), Is.EqualTo(_values.Count));
        Assert.Multiple(() =>
        {
            foreach (string line in lines)
                Assert.That(Expected(line.Split(' ')[0]), Is.EqualTo(line[(line.IndexOf(' ') + 1)..]), line);
        });
    }

    [Test]
    public void CountersCoverTheKindsOfTransitions() => Assert.That(TransitionCounters.Kinds, Is.EqualTo(AecCounters.Kinds));

    private static string Expected(string name)
    {
        if (_values.TryGetValue(name, out long value))
            return value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string[] parts = name.Split('.');
        Type type = _structures.Single(t => SnakeCase(t.Name) == parts[0]);
        if (parts.Length == 1)
            return Marshal.SizeOf(type).ToString(System.Globalization.CultureInfo.InvariantCulture);
        System.Reflection.FieldInfo field = type.GetFields().Single(f => SnakeCase(f.Name) == parts[1]);
        return $"{Marshal.OffsetOf(type, field.Name)} {SizeOf(field)}";
    }

    private static int SizeOf(System.Reflection.FieldInfo field)
    {
        Type type = field.FieldType.IsEnum ? Enum.GetUnderlyingType(field.FieldType) : field.FieldType;
        return Marshal.SizeOf(type);
    }

    private static string SnakeCase(string name)
    {
        var s = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsUpper(c) && s.Length != 0)
                s.Append('_');
            s.Append(char.ToLowerInvariant(c));
        }

        return s.ToString();
    }
}
