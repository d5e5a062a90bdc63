using RvJit.Guest.Linux.Files;

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
        }
    }
}
