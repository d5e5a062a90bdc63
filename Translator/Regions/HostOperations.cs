using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using RvJit.Translator.Float;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>A comparison of floating-point numbers; false when one is NaN.</summary>
public enum FloatComparison
{
    /// <summary>Only a signalling NaN is invalid.</summary>
    Equal,

    /// <summary>Any NaN is invalid.</summary>
    Less,

    /// <summary>Any NaN is invalid.</summary>
    LessOrEqual,

    /// <summary>Only a signalling NaN is invalid.</summary>
    QuietLess,

    /// <summary>Only a signalling NaN is invalid.</summary>
    QuietLessOrEqual,
}

/// <summary>
/// Comparisons and selections as host instructions, in methods that RyuJIT inlines into regions and does not compute
/// at compile time: comis (any NaN is invalid) and ucomis (signalling ones are) answer as RISC-V does (Intel manual,
/// volume 2).
/// </summary>
internal static class HostOperations
{
    public static MethodInfo Comparison(FloatView view, FloatComparison comparison) => Named(comparison.ToString(), view);

    /// <summary>The lesser or the greater of two numbers, -0 being less than +0.</summary>
    public static MethodInfo Select(FloatView view, bool max) => Named(max ? nameof(Greater) : nameof(Lesser), view);

    /// <summary>The number, or the canonical NaN; silent unless the argument is a signalling NaN.</summary>
    public static MethodInfo WithCanonicalNaN(FloatView view) => Named(nameof(Canonical), view);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Equal(float a, float b) => Sse.CompareScalarUnorderedEqual(Vector(a), Vector(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Equal(double a, double b) => Sse2.CompareScalarUnorderedEqual(Vector(a), Vector(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Less(float a, float b) => Sse.CompareScalarOrderedLessThan(Vector(a), Vector(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Less(double a, double b) => Sse2.CompareScalarOrderedLessThan(Vector(a), Vector(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool LessOrEqual(float a, float b) => Sse.CompareScalarOrderedLessThanOrEqual(Vector(a), Vector(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool LessOrEqual(double a, double b) => Sse2.CompareScalarOrderedLessThanOrEqual(Vector(a), Vector(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool QuietLess(float a, float b) => Sse.CompareScalarUnorderedLessThan(Vector(a), Vector(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool QuietLess(double a, double b) => Sse2.CompareScalarUnorderedLessThan(Vector(a), Vector(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool QuietLessOrEqual(float a, float b) =>
        Sse.CompareScalarUnorderedLessThanOrEqual(Vector(a), Vector(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool QuietLessOrEqual(double a, double b) =>
        Sse2.CompareScalarUnorderedLessThanOrEqual(Vector(a), Vector(b));

    // Of equal numbers min and max take the second: both orders differ only in the signs of zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Lesser(float a, float b) =>
        Sse.Or(Sse.MinScalar(Vector(a), Vector(b)), Sse.MinScalar(Vector(b), Vector(a))).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Lesser(double a, double b) =>
        Sse2.Or(Sse2.MinScalar(Vector(a), Vector(b)), Sse2.MinScalar(Vector(b), Vector(a))).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Greater(float a, float b) =>
        Sse.And(Sse.MaxScalar(Vector(a), Vector(b)), Sse.MaxScalar(Vector(b), Vector(a))).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Greater(double a, double b) =>
        Sse2.And(Sse2.MaxScalar(Vector(a), Vector(b)), Sse2.MaxScalar(Vector(b), Vector(a))).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Canonical(float x) => Vector128.ConditionalSelect(
        Sse.CompareScalarEqual(Vector(x), Vector(x)),
        Vector(x),
        Vector128.CreateScalar(unchecked((uint)Layout<Binary32>.CanonicalNaN)).AsSingle()).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Canonical(double x) => Vector128.ConditionalSelect(
        Sse2.CompareScalarEqual(Vector(x), Vector(x)),
        Vector(x),
        Vector128.CreateScalar(Layout<Binary64>.CanonicalNaN).AsDouble()).ToScalar();

    private static Vector128<float> Vector(float x) => Vector128.CreateScalarUnsafe(x);

    private static Vector128<double> Vector(double x) => Vector128.CreateScalarUnsafe(x);

    private static MethodInfo Named(string name, FloatView view)
    {
        Type type = view == FloatView.Double ? typeof(double) : typeof(float);
        return typeof(HostOperations).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic, [type, type])
            ?? typeof(HostOperations).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic, [type])!;
    }
}
