#if RVJIT_RECORD // a build with -p:Record=true: it writes into the source tree, so it is no part of a test run
using System.Diagnostics;
using System.IO.Compression;
using NUnit.Framework;
using RvJit.Tests.Support;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Isa.Recording;

/// <summary>Makes Vectors/*.gz anew from the table, with the cross compiler and qemu-riscv64. Not a test.</summary>
public class VectorRecording
{
    /// <summary>Instructions stand in the middle of the code area, so that every jump ends in it.</summary>
    private const ulong FirstPc = InstructionState.Code + (InstructionState.CodeBytes / 2);
    private const ulong Spots = 32;
    private const ulong SpotBytes = 0x7E;

    private string _program = "";

    [OneTimeSetUp]
    public void Compile()
    {
        _program = Path.Combine(TestContext.CurrentContext.WorkDirectory, "record");
        using Process compiler = Process.Start(Extras.RequireCrossCompiler(),
            ["-std=gnu11", "-O2", "-static", "-Wl,--no-relax", "-o", _program, Repository.PathOf("Guest", "Programs", "recorder", "record.c")]);
        compiler.WaitForExit();
        Assert.That(compiler.ExitCode, Is.Zero);
    }

    [TestCaseSource(typeof(RecordedRows), nameof(RecordedRows.Extensions))]
    public void RecordVectors(string extension)
    {
        VectorGroup[] groups = [.. RecordedRows.Of(extension).Where(row => !RowCoverage.WithoutVectors.ContainsKey(row.Name)).SelectMany(All)];
        VectorGroup[] recorded = Execute(groups);
        Assert.That(recorded.Sum(g => g.Cases.Count), Is.EqualTo(groups.Sum(g => g.Cases.Count)));

        string path = Repository.PathOf("Tests", "Isa", "Vectors", $"{extension}.txt.gz");
        using var file = new GZipStream(File.Create(path), CompressionLevel.SmallestSize);
        file.Write(System.Text.Encoding.ASCII.GetBytes(InstructionVectors.Write(recorded)));
        TestContext.Out.WriteLine($"{recorded.Sum(g => g.Cases.Count)} vectors of {groups.Select(g => g.Row).Distinct().Count()} rows");
    }

    private static IEnumerable<VectorGroup> All(Row row)
    {
        Random random = RecordedRows.RandomOf(row);
        return Make(row, random).Concat(Sequences.Of(row, FirstPc, random));
    }

    private static IEnumerable<VectorGroup> Make(Row row, Random random)
    {
        ulong n = 0;
        foreach (uint word in WordMaker.Instances(row, random))
        {
            ulong pc = FirstPc + (n % Spots * SpotBytes);
            uint[] words = [word];
            var group = new VectorGroup(row.Name, pc, words);
            foreach (InstructionState state in new StateMaker(InstructionTable.Decode(word), pc, words, random).States(many: n == 0))
                group.Cases.Add((state, state));
            n++;
            if (group.Cases.Count != 0)
                yield return group;
        }
    }

    private VectorGroup[] Execute(VectorGroup[] groups)
    {
        using Process qemu = Process.Start(new ProcessStartInfo(Extras.RequireQemu(), ["-cpu", "max", _program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Stream input = qemu.StandardInput.BaseStream;
        byte[] states = [.. groups.SelectMany(g => g.Cases).SelectMany(c => c.Before.ToBytes())];
        Task writing = Task.Run(() =>
        {
            input.Write(states);
            input.Close();
        });
        Stream output = qemu.StandardOutput.BaseStream;
        byte[] answer = new byte[InstructionState.Bytes];
        foreach (VectorGroup group in groups)
        {
            for (int i = 0; i < group.Cases.Count; i++)
            {
                output.ReadExactly(answer);
                group.Cases[i] = (group.Cases[i].Before, InstructionState.FromBytes(answer));
            }
        }

        writing.Wait();
        qemu.WaitForExit();
        Assert.That(qemu.ExitCode, Is.Zero);
        return groups;
    }
}
#endif
