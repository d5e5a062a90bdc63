using System.Text;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// What a runtime file was built to do (Keystone runtime/CMakeLists.txt, rt_option). Its build leaves the names of the
/// options that are on in section .options_log. A runtime file without that section (or that is no ELF file: one made
/// for this product alone) gets every service, which costs an eapp nothing, and no paging.
/// </summary>
public readonly record struct RuntimeFeatures(bool EnvironmentSetup, bool LinuxSyscalls, bool FileSyscalls, bool NetworkSyscalls, bool Paging = false)
{
    public static readonly RuntimeFeatures All = new(true, true, true, true);

    /// <summary>
    /// Names that <see cref="Parse"/> knows. Pages that leave the enclave are always encrypted and verified, so two of
    /// them change nothing; neither do those about the runtime's own messages.
    /// </summary>
    public const string Names = "env_setup, linux_syscall, io_syscall, net_syscall, paging, page_crypto, page_hash, internal_strace, debug";

    public static RuntimeFeatures Of(in ElfFile runtime) =>
        runtime.TryFindSection(".options_log"u8, out ReadOnlySpan<byte> log)
            ? Of(Encoding.ASCII.GetString(log).Split([' ', '\n', '\0'], StringSplitOptions.RemoveEmptyEntries))
            : All;

    /// <summary>Options by name, in any case, with commas or blanks between; the unknown name, or null.</summary>
    public static string? Parse(string list, out RuntimeFeatures features)
    {
        string[] known = Names.ToUpperInvariant().Split(", ");
        string[] words = list.ToUpperInvariant().Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        features = Of(words);
        return Array.Find(words, word => !known.Contains(word));
    }

    private static RuntimeFeatures Of(string[] words) => new(
        words.Contains("ENV_SETUP"), words.Contains("LINUX_SYSCALL"), words.Contains("IO_SYSCALL"), words.Contains("NET_SYSCALL"),
        words.Contains("PAGING"));
}
