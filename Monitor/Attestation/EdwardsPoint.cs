using Org.BouncyCastle.Math.EC.Rfc7748;

namespace RvJit.Monitor.Attestation;

/// <summary>
/// A point of the curve edwards25519 in extended coordinates, x = X/Z, y = Y/Z, T = XY/Z (RFC 8032, section 5.1.4). The
/// addition is complete: it also doubles, and knows no special cases.
/// </summary>
internal sealed class EdwardsPoint
{
    public const int EncodedSize = 32;

    private const int ScalarBits = 256;
    private const byte SignBit = 0x80;

    /// <summary>RFC 8032, section 5.1: y = 4/5, x even.</summary>
    private static readonly byte[] _encodedBase = Convert.FromHexString("5866666666666666666666666666666666666666666666666666666666666666");

    private static readonly int[] _d = Fraction(-121665, 121666);
    private static readonly int[] _twiceD = Sum(_d, _d);

    private readonly int[] _x;
    private readonly int[] _y;
    private readonly int[] _z;
    private readonly int[] _t;

    private EdwardsPoint(int[] x, int[] y, int[] z, int[] t) => (_x, _y, _z, _t) = (x, y, z, t);

    public static EdwardsPoint Base { get; } = Decode(_encodedBase)!;

    private static EdwardsPoint Neutral => new(Small(0), Small(1), Small(1), Small(0));

    /// <summary>Null when no point has this y. As upstream, the sign of x = 0 and a y of p or more are let pass.</summary>
    public static EdwardsPoint? Decode(ReadOnlySpan<byte> encoded)
    {
        int[] y = X25519Field.Create();
        X25519Field.Decode(encoded[..EncodedSize].ToArray(), 0, y); // bits 254..0
        int[] square = Product(y, y), x = X25519Field.Create();
        if (!X25519Field.SqrtRatioVar(Difference(square, Small(1)), Sum(Product(_d, square), Small(1)), x))
            return null;
        X25519Field.Normalize(x);
        if ((x[0] & 1) != encoded[EncodedSize - 1] >> 7)
            x = Difference(Small(0), x);
        return new EdwardsPoint(x, y, Small(1), Product(x, y));
    }

    public byte[] Encode()
    {
        int[] inverse = X25519Field.Create();
        X25519Field.Inv(_z, inverse);
        int[] x = Product(_x, inverse), y = Product(_y, inverse);
        X25519Field.Normalize(x);
        X25519Field.Normalize(y);
        byte[] encoded = new byte[EncodedSize];
        X25519Field.Encode(y, encoded, 0);
        if ((x[0] & 1) != 0)
            encoded[^1] |= SignBit;
        return encoded;
    }

    public EdwardsPoint Negate() => new(Difference(Small(0), _x), _y, _z, Difference(Small(0), _t));

    public EdwardsPoint Add(EdwardsPoint other)
    {
        int[] a = Product(Difference(_y, _x), Difference(other._y, other._x));
        int[] b = Product(Sum(_y, _x), Sum(other._y, other._x));
        int[] c = Product(Product(_t, _twiceD), other._t);
        int[] zz = Product(_z, other._z);
        int[] d = Sum(zz, zz);
        int[] e = Difference(b, a), f = Difference(d, c), g = Sum(d, c), h = Sum(b, a);
        return new EdwardsPoint(Product(e, f), Product(g, h), Product(f, g), Product(e, h));
    }

    /// <summary>The multiple by a little-endian scalar. The same steps for every scalar: bits choose results, not ways.</summary>
    public EdwardsPoint Multiply(ReadOnlySpan<byte> scalar)
    {
        EdwardsPoint result = Neutral;
        for (int i = ScalarBits - 1; i >= 0; i--)
        {
            result = result.Add(result);
            EdwardsPoint sum = result.Add(this);
            result.Choose(sum, -((scalar[i / 8] >> (i % 8)) & 1));
        }

        return result;
    }

    /// <param name="other">The point to become.</param>
    /// <param name="mask">All ones to become it, zero to stay.</param>
    private void Choose(EdwardsPoint other, int mask)
    {
        for (int i = 0; i < X25519Field.Size; i++)
        {
            _x[i] ^= (_x[i] ^ other._x[i]) & mask;
            _y[i] ^= (_y[i] ^ other._y[i]) & mask;
            _z[i] ^= (_z[i] ^ other._z[i]) & mask;
            _t[i] ^= (_t[i] ^ other._t[i]) & mask;
        }
    }

    private static int[] Small(int value)
    {
        int[] element = X25519Field.Create();
        element[0] = value;
        return element;
    }

    private static int[] Fraction(int numerator, int denominator)
    {
        int[] inverse = X25519Field.Create();
        X25519Field.Inv(Small(denominator), inverse);
        return Product(Small(numerator), inverse);
    }

    private static int[] Sum(int[] a, int[] b)
    {
        int[] sum = X25519Field.Create();
        X25519Field.Add(a, b, sum);
        X25519Field.Carry(sum);
        return sum;
    }

    private static int[] Difference(int[] a, int[] b)
    {
        int[] difference = X25519Field.Create();
        X25519Field.Sub(a, b, difference);
        X25519Field.Carry(difference);
        return difference;
    }

    private static int[] Product(int[] a, int[] b)
    {
        int[] product = X25519Field.Create();
        X25519Field.Mul(a, b, product);
        return product;
    }
}
