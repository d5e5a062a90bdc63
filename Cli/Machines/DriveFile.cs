using Microsoft.Win32.SafeHandles;
using RvJit.Machine.Devices.Virtio;

namespace RvJit.Cli.Machines;

/// <summary>Opens the host file behind a disk.</summary>
public static class DriveFile
{
    private const string ReadOnlySuffix = ",ro";

    /// <summary>FILE, or FILE,ro for a disk that the guest cannot change.</summary>
    public static DriveOptions Parse(string text) => text.EndsWith(ReadOnlySuffix, StringComparison.Ordinal)
        ? new DriveOptions(text[..^ReadOnlySuffix.Length], ReadOnly: true)
        : new DriveOptions(text, ReadOnly: false);

    public static VirtioBlock Open(DriveOptions drive)
    {
        try
        {
            SafeFileHandle file = File.OpenHandle(
                drive.Path, FileMode.Open, drive.ReadOnly ? FileAccess.Read : FileAccess.ReadWrite, drive.ReadOnly ? FileShare.Read : FileShare.None);
            long bytes = RandomAccess.GetLength(file);
            if (bytes % VirtioBlock.SectorBytes == 0 && bytes > 0)
                return new VirtioBlock(file, drive.ReadOnly, Path.GetFileName(drive.Path));
            file.Dispose();
            throw new BadInputException(
                $"--drive {drive.Path} has {bytes} bytes, which are no whole sectors; lengthen it (truncate -s %{VirtioBlock.SectorBytes})");
        }
        catch (FileNotFoundException)
        {
            throw new BadInputException($"--drive {drive.Path} does not exist; make it first (truncate -s 64M {drive.Path})");
        }
        catch (UnauthorizedAccessException)
        {
            throw new BadInputException($"--drive {drive.Path} cannot be opened for {(drive.ReadOnly ? "reading" : "writing")}; "
                + (drive.ReadOnly ? "give yourself read permission" : $"give yourself the permission or say {drive.Path}{ReadOnlySuffix}"));
        }
        catch (Exception error) when (error is IOException or NotSupportedException or ArgumentException)
        {
            throw new BadInputException($"--drive {drive.Path} cannot be opened: {error.Message}");
        }
    }
}
