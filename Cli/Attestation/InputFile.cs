namespace RvJit.Cli.Attestation;

/// <summary>Files that a command line names.</summary>
public static class InputFile
{
    /// <param name="what">The option or argument that named it.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="mostBytes">A larger file is not what was meant.</param>
    public static byte[] Read(string what, string path, long mostBytes)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length > mostBytes)
                throw new BadInputException($"{what} {path} has {file.Length} bytes; the most is {mostBytes}");
            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{what} {path} cannot be read: {error.Message}");
        }
    }
}
