using BenchmarkDotNet.Attributes;
using RvJit.Translator.Isa;

namespace RvJit.Perf.Micro;

/// <summary>Decoding alone: what every first execution of a page and every region pays per instruction.</summary>
public class DecodeBenchmark
{
    private readonly uint[] _words = new uint[4096];

    [GlobalSetup]
    public void MakeWords()
    {
        // lw, addi, sd, beq, c.mv: the shapes that compilers emit most.
        uint[] common = [0x0005A503, 0x00150513, 0x00A13423, 0x00B50463, 0x85AA];
        for (int i = 0; i < _words.Length; i++)
            _words[i] = common[i % common.Length];
    }

    [Benchmark(OperationsPerInvoke = 4096)]
    public int Decode()
    {
        int bytes = 0;
        foreach (uint word in _words)
            bytes += InstructionTable.Decode(word).Length;
        return bytes;
    }
}
