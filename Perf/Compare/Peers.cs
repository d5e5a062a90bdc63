using RvJit.Cli;

namespace RvJit.Perf.Compare;

/// <summary>Something that can run the programs.</summary>
/// <param name="Name">Column of the table.</param>
/// <param name="About">Version and where it comes from, for people.</param>
/// <param name="Command">The command line of one program.</param>
public sealed record Peer(string Name, string About, Func<GuestProgram, IReadOnlyList<string>> Command)
{
    public const string RvJit = "rvjit";
    public const string Qemu = "qemu";
    public const string Native = "native";
    public const string Interpreter = "interp";

    /// <summary>The rvjit that <c>--against</c> names.</summary>
    public const string Against = "against";

    public static IReadOnlyList<string> Reserved { get; } = [RvJit, Qemu, Native, Interpreter, Against];
}

/// <summary>Finds who takes part; rvjit is the first, and whoever is missing is named with the reason.</summary>
public sealed class Peers
{
    private readonly List<Peer> _present = [];
    private readonly List<string> _missing = [];

    private Peers()
    {
    }

    public IReadOnlyList<Peer> Present => _present;

    public IReadOnlyList<string> Missing => _missing;

    /// <summary>Whether rvjit is the published executable; a given one is taken for whatever it was given as.</summary>
    public bool RvJitIsPublished { get; private set; }

    public static Peers Find(CompareOptions options, SourceTree tree, IReadOnlyList<GuestProgram> programs, string scratch)
    {
        var peers = new Peers();
        string[] tier = options.Tier is null ? [] : [$"--tier={options.Tier}"];
        string rvjit = options.RvJit ?? DefaultRvJit(tree);
        peers.RvJitIsPublished = rvjit == tree.PublishedRvJit || options.RvJit is not null;
        peers._present.Add(RvJit(Peer.RvJit, rvjit, tier, tree));
        if (options.WithInterpreter)
            peers._present.Add(RvJit(Peer.Interpreter, rvjit, ["--tier=interp"], tree));
        if (options.Against is not null)
            peers._present.Add(RvJit(Peer.Against, options.Against, tier, tree));
        if (options.WithQemu)
            peers.AddQemu(options.Qemu, tree);
        foreach ((string name, IReadOnlyList<string> command) in options.OtherPeers)
            peers._present.Add(Other(name, command, tree));
        if (options.WithNative)
            peers.AddNative(tree, programs, scratch);
        return peers;
    }

    private static Peer RvJit(string name, string path, string[] tier, SourceTree tree)
    {
        string about = $"{Tools.VersionOf(path)}, of {File.GetLastWriteTimeUtc(path):yyyy-MM-dd HH:mm} UTC, "
            + $"{string.Join(' ', (string[])["run", .. tier])}, {Tools.Relative(path, tree.Root)}";
        return new Peer(name, about, program => [path, "run", .. tier, tree.Prebuilt(program.File), .. program.Arguments]);
    }

    private static Peer Other(string name, IReadOnlyList<string> command, SourceTree tree) => new(
        name,
        $"{string.Join(' ', [Tools.Relative(command[0], tree.Root), .. command.Skip(1)])}, of {File.GetLastWriteTimeUtc(command[0]):yyyy-MM-dd} UTC",
        program => [.. command, tree.Prebuilt(program.File), .. program.Arguments]);

    private static string DefaultRvJit(SourceTree tree)
    {
        string built = Path.Combine(AppContext.BaseDirectory, "rvjit");
        if (File.Exists(tree.PublishedRvJit))
            return tree.PublishedRvJit;
        return File.Exists(built) ? built : throw new BadInputException("no rvjit: publish it (bash build.ps1) or give --rvjit PATH");
    }

    private void AddQemu(string? given, SourceTree tree)
    {
        string? path = given ?? (Environment.GetEnvironmentVariable("RVJIT_QEMU") is { Length: > 0 } variable
            ? Tools.Find(variable)
            : Tools.Find("qemu-riscv64"));
        if (path is null)
            _missing.Add("qemu: no qemu-riscv64 (Debian: qemu-user)");
        else
            _present.Add(new Peer(Peer.Qemu, Tools.VersionOf(path), program => [path, tree.Prebuilt(program.File), .. program.Arguments]));
    }

    private void AddNative(SourceTree tree, IReadOnlyList<GuestProgram> programs, string scratch)
    {
        if (Tools.Find("gcc") is not { } compiler)
        {
            _missing.Add("native: no gcc to build the native twins with");
            return;
        }

        var twins = new NativeTwins(compiler, tree, Path.Combine(scratch, "native"));
        if (twins.Build(programs.Select(program => program.File).Distinct()) is { } failure)
            _missing.Add($"native: {failure}");
        else
            _present.Add(new Peer(Peer.Native, twins.About, program => [twins.PathOf(program.File), .. program.Arguments]));
    }
}
