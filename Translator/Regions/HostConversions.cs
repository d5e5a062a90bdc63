using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Translator.Regions;

/// <summary>
/// Host instructions that C# has no operator for, as methods that RyuJIT inlines into regions. Each is one x86
/// instruction, chosen for its rounding and for the flags that it raises (Intel manual, volume 2).
/// </summary>
internal static class HostConversions
{
    /// <summary>To an integer toward zero: inexact, or invalid and the lowest number.</summary>
    public static MethodInfo Truncation(FloatView view, bool toWord) => Named(toWord ? nameof(TruncatedWord) : nameof(Truncated), view);

    /// <summary>To an integer under MXCSR: inexact, or invalid and the lowest number.</summary>
    public static MethodInfo Rounding(FloatView view, bool toWord) => Named(toWord ? nameof(RoundedWord) : nameof(Rounded), view);

    /// <summary>
    /// To an integer of the same format, maybe inexact. (Intel's immediate can suppress that, but the methods of .NET do not
    /// ask for it.)
    /// </summary>
    public static MethodInfo ToIntegral(FloatView view, int roundingMode) => Named(
        roundingMode switch
        {
            RoundingModes.NearestEven => nameof(Nearest),
            RoundingModes.TowardZero => nameof(TowardZero),
            RoundingModes.Down => nameof(Down),
            RoundingModes.Up => nameof(Up),
            _ => nameof(Current),
        },
        view);

    /// <summary>From an integer, rounded once under MXCSR.</summary>
    public static MethodInfo FromInteger(FloatView view) =>
        view == FloatView.Double ? new Func<long, double>(Double).Method : new Func<long, float>(Single).Method;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Single(long x) => Sse.X64.ConvertScalarToVector128Single(default, x).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Double(long x) => Sse2.X64.ConvertScalarToVector128Double(default, x).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long TruncatedWord(float x) => Sse.ConvertToInt32WithTruncation(Vector(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long TruncatedWord(double x) => Sse2.ConvertToInt32WithTruncation(Vector(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Truncated(float x) => Sse.X64.ConvertToInt64WithTruncation(Vector(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Truncated(double x) => Sse2.X64.ConvertToInt64WithTruncation(Vector(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long RoundedWord(float x) => Sse.ConvertToInt32(Vector(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long RoundedWord(double x) => Sse2.ConvertToInt32(Vector(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Rounded(float x) => Sse.X64.ConvertToInt64(Vector(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Rounded(double x) => Sse2.X64.ConvertToInt64(Vector(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Nearest(float x) => Sse41.RoundToNearestIntegerScalar(Vector(x)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Nearest(double x) => Sse41.RoundToNearestIntegerScalar(Vector(x)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float TowardZero(float x) => Sse41.RoundToZeroScalar(Vector(x)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double TowardZero(double x) => Sse41.RoundToZeroScalar(Vector(x)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Down(float x) => Sse41.RoundToNegativeInfinityScalar(Vector(x)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Down(double x) => Sse41.RoundToNegativeInfinityScalar(Vector(x)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Up(float x) => Sse41.RoundToPositiveInfinityScalar(Vector(x)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Up(double x) => Sse41.RoundToPositiveInfinityScalar(Vector(x)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Current(float x) => Sse41.RoundCurrentDirectionScalar(Vector(x)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Current(double x) => Sse41.RoundCurrentDirectionScalar(Vector(x)).ToScalar();

    private static Vector128<float> Vector(float x) => Vector128.CreateScalarUnsafe(x);

    private static Vector128<double> Vector(double x) => Vector128.CreateScalarUnsafe(x);

    private static MethodInfo Named(string name, FloatView view) => typeof(HostConversions).GetMethod(
        name, BindingFlags.Static | BindingFlags.NonPublic, [view == FloatView.Double ? typeof(double) : typeof(float)])!;
}
