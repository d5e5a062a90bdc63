using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Inspection;
using static RvJit.Tests.Support.PageTables;

namespace RvJit.Tests.Paging;

/// <summary>Regions behind page tables end with their page: where they are left to is worth translating, too.</summary>
public class ReentryTests
{
    private const ulong Caller = 0x1000;
    private const ulong OtherCaller = 0x2000;
    private const ulong Function = 0x3000;

    /// <summary>Calls until both sides are translated; each run makes as many as a place needs to get hot.</summary>
    private const int MostRuns = 100_000;
    private const ulong Calls = 4000;

    /// <summary>A function is translated before its second caller is: no jump of the interpreter ever leads to where it returns to.</summary>
    [Test]
    public void WhereATranslatedFunctionReturnsToIsTranslated()
    {
        var log = new RegionLog();
        using var m = new MachineHarness(Tier.Auto, options: new EngineOptions { Log = log });
        var tables = new PageTables(m, 3);
        foreach (ulong page in new[] { Caller, OtherCaller, Function })
            tables.Map(page, MachineHarness.Ram + page, AllRights);
        m.View.SetMode(MachineHarness.Mode(Privilege.Supervisor, tables.Satp));
        m.Assemble(MachineHarness.Ram + Function, Encoder.Word("addi", rd: 10, rs1: 10, imm: 1), Encoder.Word("jalr", rd: 0, rs1: 1));
        foreach (ulong page in new[] { Caller, OtherCaller })
        {
            m.Assemble(
                MachineHarness.Ram + page,
                Encoder.Word("jalr", rd: 1, rs1: 8),
                Encoder.Word("addi", rd: 9, rs1: 9, imm: -1),
                Encoder.Word("bne", rs1: 9, rs2: 0, imm: -8));
        }

        Assert.That(CallUntilTranslated(Caller, Function), Is.True);
        Assert.That(CallUntilTranslated(OtherCaller, OtherCaller + 4), Is.True);

        bool CallUntilTranslated(ulong caller, ulong pc)
        {
            for (int run = 0; run < MostRuns; run++)
            {
                if (log.Regions.Any(region => region.Region.Entries.Contains(pc)))
                    return true;
                m.X[8] = Function;
                m.X[9] = Calls;
                m.X[10] = 0;
                Assert.That(m.Run(caller).Cause, Is.EqualTo(TrapCause.Breakpoint));
                Assert.That(m.X[10], Is.EqualTo(Calls));
            }

            return false;
        }
    }
}
