using NUnit.Framework;

namespace RvJit.Tests.Float;

/// <summary>Every recorded vector, result and flags, in every rounding mode.</summary>
public class RecordedVectorTests
{
    private const uint AllFlags = 31;

    private static IEnumerable<string> Operations => FloatVectors.Operations;

    [TestCaseSource(nameof(Operations))]
    public void AnswersAsRecorded(string operation)
    {
        FloatKernel kernel = FloatKernels.ByName[operation];
        foreach (FloatVector vector in FloatVectors.Of(operation))
        {
            uint flags = 0;
            ulong result = kernel(vector.A, vector.B, vector.C, vector.RoundingMode, ref flags);
            if (result != vector.Result || flags != vector.Flags)
                Assert.Fail($"{vector}: got {result:x} with flags {flags:x}, want {vector.Result:x} with {vector.Flags:x}"
                    + $" for {vector.A:x} {vector.B:x} {vector.C:x}");
        }
    }

    [TestCaseSource(nameof(Operations))]
    public void AccumulatesFlags(string operation)
    {
        FloatKernel kernel = FloatKernels.ByName[operation];
        foreach (FloatVector vector in FloatVectors.Of(operation))
        {
            uint flags = AllFlags;
            kernel(vector.A, vector.B, vector.C, vector.RoundingMode, ref flags);
            if (flags != AllFlags)
                Assert.Fail($"{vector} cleared a flag");
        }
    }

    [Test]
    public void EveryKernelHasVectors()
    {
        Assert.That(FloatKernels.ByName.Keys, Is.EquivalentTo(FloatVectors.Operations));
        Assert.That(FloatVectors.Count, Is.GreaterThan(400_000));
    }

    [Test]
    public void EveryModeIsRecordedForAnInstructionThatRounds()
        => Assert.That(FloatVectors.Of("fmadd.d").Select(vector => vector.RoundingMode).Distinct(), Is.EquivalentTo([0, 1, 2, 3, 4]));
}
