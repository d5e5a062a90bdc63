namespace RvJit.Translator.Isa.Kernels;

/// <summary>Arithmetic on bytes as polynomials over GF(2), and the substitution boxes that ciphers make of it.</summary>
internal static class ByteField
{
    /// <summary>x^8 + x^4 + x^3 + x + 1 (FIPS 197, section 4.2).</summary>
    private const int AesPolynomial = 0x11B;

    /// <summary>x^8 + x^7 + x^6 + x^5 + x^4 + x^2 + 1, the field of SM4's S-box.</summary>
    private const int Sm4Polynomial = 0x1F5;

    /// <summary>The AES S-box (FIPS 197, section 5.1.1).</summary>
    public static byte[] AesBox() => [.. Bytes().Select(x => (byte)(Rotations(Invert(x, AesPolynomial), 0, 1, 2, 3, 4) ^ 0x63))];

    /// <summary>The SM4 S-box (GB/T 32907-2016, section 6.2): an inversion between two copies of one affine map.</summary>
    public static byte[] Sm4Box() => [.. Bytes().Select(x => Sm4Affine(Invert(Sm4Affine(x), Sm4Polynomial)))];

    /// <summary>The box that undoes another.</summary>
    public static byte[] Undo(byte[] box)
    {
        byte[] result = new byte[box.Length];
        foreach (byte x in Bytes())
            result[box[x]] = x;
        return result;
    }

    /// <summary>A product in the field of AES.</summary>
    public static int Multiply(int a, int b) => Multiply(a, b, AesPolynomial);

    private static int Multiply(int a, int b, int polynomial)
    {
        int product = 0;
        for (; b != 0; b >>= 1)
        {
            product ^= a & -(b & 1);
            a <<= 1;
            a ^= polynomial & -(a >> 8);
        }

        return product;
    }

    /// <summary>The inverse is the 254th power; 0 stays 0.</summary>
    private static int Invert(int x, int polynomial)
    {
        int power = 1;
        for (int n = 0; n < 254; n++)
            power = Multiply(power, x, polynomial);
        return power;
    }

    private static byte Sm4Affine(int x) => (byte)(Rotations(x, 0, 1, 3, 6, 7) ^ 0xD3);

    /// <summary>Sum of a byte rotated left by each amount.</summary>
    private static int Rotations(int x, params ReadOnlySpan<int> amounts)
    {
        int sum = 0;
        foreach (int n in amounts)
            sum ^= (x << n) | (x >> (8 - n));
        return sum & 0xFF;
    }

    private static IEnumerable<byte> Bytes() => Enumerable.Range(0, 256).Select(x => (byte)x);
}
