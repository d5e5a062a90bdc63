using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Identity;

namespace RvJit.Guest.Linux;

public sealed partial class LinuxProcess
{
    private ProcessFiles? _files;

    /// <summary>Descriptors, working directory and mode mask.</summary>
    public ProcessFiles Files
    {
        get => _files ?? throw new InvalidOperationException("the process has no files yet");
        set
        {
            _files = value;
            MappableFiles = value.Table;
            value.Table.Limit = FileTable.LimitOf(Limits[ResourceLimits.Files].Soft);
        }
    }
}
