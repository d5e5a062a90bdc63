namespace RvJit.Cli.Output;

/// <summary>Writes a file that an option names.</summary>
public static class OutputFile
{
    public static void Write(string option, string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            File.WriteAllBytes(path, bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new BadInputException($"{option} {path} cannot be written: {error.Message}");
        }
    }
}
