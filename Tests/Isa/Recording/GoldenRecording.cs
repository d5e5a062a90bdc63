#if RVJIT_RECORD // a build with -p:Record=true: it writes into the source tree, so it is no part of a test run
using System.Diagnostics;
using System.IO.Compression;
using NUnit.Framework;
using RvJit.Tests.Support;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Isa.Recording;

/// <summary>Makes the files of Golden/ anew with GNU objdump. Not a test.</summary>
public class GoldenRecording
{
    private const int InstancesOfARow = 16;

    /// <summary>Every halfword that is a 16-bit instruction, whatever the table thinks of it.</summary>
    [Test]
    public void RecordCompressed()
    {
        byte[] code = [.. Enumerable.Range(0, 0x10000).Where(h => (h & 3) != 3).SelectMany(h => new[] { (byte)h, (byte)(h >> 8) })];
        string[] exact = Disassemble(code, 0, 2, "max,no-aliases");
        string[] friendly = Disassemble(code, 0, 2, "max");
        Write("compressed.txt.gz", exact.Zip(friendly, (e, f) => e == f ? e : $"{e}|{f}"));
    }

    /// <summary>Random instances of every 32-bit row, whatever extension it is of.</summary>
    [TestCaseSource(typeof(RecordedRows), nameof(RecordedRows.Extensions))]
    public void RecordWide(string extension)
    {
        uint[] words = [.. RecordedRows.Of(extension).Where(row => row.Encoding.Bits == 32).SelectMany(Instances)];
        if (words.Length == 0)
            return;
        byte[] code = [.. words.SelectMany(word => BitConverter.GetBytes(word))];
        string[] exact = Disassemble(code, GoldenLines.WideBase, 4, "max,no-aliases");
        string[] friendly = Disassemble(code, GoldenLines.WideBase, 4, "max");
        Write($"wide-{extension}.txt.gz", words.Select((word, i) => $"{word:x}|{exact[i]}|{friendly[i]}"));

        static IEnumerable<uint> Instances(Row row)
        {
            Random random = RecordedRows.RandomOf(row);
            return Enumerable.Range(0, InstancesOfARow).Select(_ => Encoder.Random(row, random));
        }
    }

    /// <summary>csrrs a0,N,a1 for every N.</summary>
    [Test]
    public void RecordCsrNames()
    {
        byte[] code = [.. Enumerable.Range(0, 4096).SelectMany(csr => BitConverter.GetBytes(Encoder.Word("csrrs", rd: 10, rs1: 11, csr: csr)))];
        Write("csr.txt.gz", Disassemble(code, 0, 4, "no-aliases").Select(line => line.Split(',')[1]));
    }

    /// <summary>objdump's lines, mnemonic tab operands; without what it remembers of earlier instructions.</summary>
    private static string[] Disassemble(byte[] code, ulong address, int bytes, string? option)
    {
        string file = Path.Combine(TestContext.CurrentContext.WorkDirectory, "golden.bin");
        File.WriteAllBytes(file, code);
        string[] options = option is null ? [] : ["-M", option];
        var start = new ProcessStartInfo(Extras.RequireObjdump(),
            ["-D", "-z", "-b", "binary", "-m", "riscv:rv64", "--adjust-vma", $"0x{address:x}", .. options, file])
        {
            RedirectStandardOutput = true,
        };
        using Process objdump = Process.Start(start)!;
        string[] lines = objdump.StandardOutput.ReadToEnd().Split('\n');
        objdump.WaitForExit();
        string[] result = [.. lines.Select(line => line.Split('\t')).Where(line => line.Length >= 3 && line[0].EndsWith(':'))
            .Select(line => Unify(string.Join('\t', line[2..]).Split(" # ")[0].TrimEnd()))];
        Assert.That(result, Has.Length.EqualTo(code.Length / bytes));
        return result;
    }

    /// <summary>".insn 4, 0x1234" as earlier objdumps wrote it, and programs for them: ".4byte 0x1234".</summary>
    private static string Unify(string text)
    {
        const string Unknown = ".insn\t";
        if (!text.StartsWith(Unknown, StringComparison.Ordinal))
            return text;
        string[] parts = text[Unknown.Length..].Split(", 0x");
        return $".{parts[0]}byte\t0x{Convert.ToUInt32(parts[1], 16):x}";
    }

    private static void Write(string name, IEnumerable<string> lines)
    {
        string path = Repository.PathOf("Tests", "Isa", "Golden", name);
        using var file = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.SmallestSize));
        foreach (string line in lines)
            file.Write(line + "\n");
    }
}
#endif
