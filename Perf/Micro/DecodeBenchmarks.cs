using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using RvJit.Perf.Compare;
using RvJit.Translator.Isa;

namespace RvJit.Perf.Micro;

/// <summary>Decoding by the instruction table, over the code of a real program (the prebuilt kernels with their C library).</summary>
public class DecodeBenchmarks
{
    private const int Count = 10_000;
    private readonly uint[] _words = new uint[Count];

    [GlobalSetup]
    public void SetUp()
    {
        ReadOnlySpan<byte> text = ProgramText.Read(new SourceTree().Prebuilt(ProgramSet.KernelsFile));
        int at = 0;
        for (int i = 0; i < Count; i++)
        {
            _words[i] = BinaryPrimitives.ReadUInt32LittleEndian(text[at..]);
            at += InstructionTable.LengthOf((ushort)_words[i]);
        }
    }

    /// <summary>One instruction of 2 or 4 bytes.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public long DecodeInstruction()
    {
        long sum = 0;
        foreach (uint word in _words)
            sum += InstructionTable.Decode(word).Length;
        return sum;
    }
}
