using System.Buffers;
using System.Text;
using RvJit.Monitor.Attestation;

namespace RvJit.Cli.Attestation;

/// <summary>Keys and hashes as users give them: plain bytes in a file, or hexadecimal digits.</summary>
public static class KeyFile
{
    private const int MostBytes = 4096;

    /// <summary>A seed of 32 bytes or a secret key of 64.</summary>
    public static SigningKey ReadSecret(string what, string path)
    {
        byte[] file = InputFile.Read(what, path, MostBytes);
        byte[] key = Hexadecimal(Encoding.Latin1.GetString(file)) ?? file;
        return key.Length switch
        {
            SigningKey.SeedSize => SigningKey.FromSeed(key),
            SigningKey.SecretSize => SigningKey.FromSecret(key),
            _ => throw new BadInputException(
                $"{what} {path} is no secret key; it must hold {SigningKey.SeedSize} or {SigningKey.SecretSize} bytes, plain or in hexadecimal"),
        };
    }

    /// <summary>So many bytes: hexadecimal on the command line, or the path of a file with them.</summary>
    public static byte[] ReadPublic(string what, string text, int bytes)
    {
        if (Hexadecimal(text) is { } given && given.Length == bytes)
            return given;
        if (!File.Exists(text))
            throw new BadInputException($"{what} {text} is neither {2 * bytes} hexadecimal digits nor a file");
        byte[] file = InputFile.Read(what, text, MostBytes);
        byte[] value = Hexadecimal(Encoding.Latin1.GetString(file)) ?? file;
        return value.Length == bytes
            ? value
            : throw new BadInputException($"{what} {text} must hold {bytes} bytes, plain or in hexadecimal");
    }

    private static byte[]? Hexadecimal(string text)
    {
        string digits = text.Trim();
        byte[] bytes = new byte[digits.Length / 2];
        return digits.Length % 2 == 0 && Convert.FromHexString(digits, bytes, out _, out _) == OperationStatus.Done ? bytes : null;
    }
}
