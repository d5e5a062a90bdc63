namespace RvJit.Translator.Isa.Kernels;

/// <summary>The AES steps (FIPS 197, section 5) for hosts without instructions for them, low half of the result.</summary>
public static class AesOfAnyHost
{
    private static readonly byte[] s_box = ByteField.AesBox();
    private static readonly byte[] s_inverseBox = ByteField.Undo(s_box);

    public static ulong EncryptLast(ulong a, ulong b) => ShiftAndSubstitute(a, b, 1, s_box);

    public static ulong Encrypt(ulong a, ulong b) => MixColumns(EncryptLast(a, b), 2, 3, 1, 1);

    public static ulong DecryptLast(ulong a, ulong b) => ShiftAndSubstitute(a, b, -1, s_inverseBox);

    public static ulong Decrypt(ulong a, ulong b) => UnmixColumns(DecryptLast(a, b));

    public static ulong UnmixColumns(ulong columns) => MixColumns(columns, 14, 11, 13, 9);

    public static uint SubstituteWord(uint word) => (uint)ShiftAndSubstitute(word, 0, 0, s_box);

    /// <summary>Row r of column c comes from column c + step * r; a column is four bytes, row 0 first.</summary>
    private static ulong ShiftAndSubstitute(ulong a, ulong b, int step, byte[] box)
    {
        ulong result = 0;
        for (int n = 0; n < 8; n++)
        {
            int row = n & 3;
            int column = ((n >> 2) + (step * row)) & 3;
            ulong half = column < 2 ? a : b;
            byte from = (byte)(half >> (8 * (((column & 1) * 4) + row)));
            result |= (ulong)box[from] << (8 * n);
        }

        return result;
    }

    /// <summary>Each row of a column becomes the sum of all, its own times k0, the next one's times k1, ...</summary>
    private static ulong MixColumns(ulong columns, params ReadOnlySpan<int> k)
    {
        ulong result = 0;
        for (int n = 0; n < 8; n++)
        {
            int sum = 0;
            for (int j = 0; j < 4; j++)
                sum ^= ByteField.Multiply((byte)(columns >> (8 * ((n & 4) + ((n + j) & 3)))), k[j]);
            result |= (ulong)sum << (8 * n);
        }

        return result;
    }
}
