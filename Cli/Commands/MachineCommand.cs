using System.CommandLine;
using RvJit.Cli.Machines;
using RvJit.Cli.Statistics;
using RvJit.Guest.Boot;
using RvJit.Machine;
using RvJit.Machine.Board;

namespace RvJit.Cli.Commands;

/// <summary><c>rvjit machine [options]</c>: a whole computer; the exit code is the guest's.</summary>
public sealed class MachineCommand
{
    public const string Name = "machine";

    private const int MostPmpEntries = 64;
    private const int MostJobs = 256;

    private readonly Option<string> _bios = File("--bios", "Firmware or bare-metal program: an ELF file, or bytes for the start of RAM.");
    private readonly Option<string> _kernel = File("--kernel", "Kernel: an ELF file, or an image for 2 MiB behind the start of RAM. Without --bios it runs on the built-in SBI.");
    private readonly Option<string> _initialDisk = File("--initrd", "Initial RAM disk for the kernel.");
    private readonly Option<string> _append = new("--append") { Description = "The kernel's command line.", HelpName = "TEXT" };
    private readonly Option<string> _deviceTree = File("--dtb", "Device tree to give instead of the one that describes this machine.");
    private readonly Option<string> _dump = File("--dump-dtb", "Write the device tree to a file and end.");

    private readonly Option<int?> _harts = new("--harts")
    {
        Description = "Number of harts (default 1).",
        HelpName = "N",
        CustomParser = result => MachineValues.Number(result, 1, BoardMap.MostHarts),
    };

    private readonly Option<ulong?> _memory = new("--memory")
    {
        Description = "Size of RAM, with K, M or G (default 512M).",
        HelpName = "SIZE",
        CustomParser = result => MachineValues.Memory(result),
    };

    private readonly Option<ExtensionSet?> _isa = IsaOption.Create("Extensions of the harts (default max; see 'rvjit isa').");

    private readonly Option<int?> _pmp = new("--pmp-entries")
    {
        Description = "PMP entries of each hart: 0, 16 (default) or 64.",
        HelpName = "N",
        CustomParser = result => MachineValues.OneOf(result, [0, PmpRegisters.DefaultEntries, MostPmpEntries]),
    };

    private readonly Option<string[]> _drives = new("--drive")
    {
        Description = "Host file that is a virtio disk; FILE,ro cannot be changed. Repeatable.",
        HelpName = "FILE[,ro]",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _virtioConsole = new("--virtio-console")
    {
        Description = "Add a virtio console, which gets the input; the serial port still prints.",
        Arity = ArgumentArity.Zero,
    };

    private readonly Option<string> _signature = File(
        "--signature", "Write memory from begin_signature to end_signature at the end; with --batch, a directory.");

    private readonly Option<int?> _granularity = new("--signature-granularity")
    {
        Description = "Bytes of a line of the signature: 4 (default), 8 or 16.",
        HelpName = "N",
        CustomParser = result => MachineValues.OneOf(result, Signature.Granularities),
    };

    private readonly Option<TimeSpan?> _timeout = new("--timeout")
    {
        Description = "End after so many seconds, with exit code 124 (default: never; 30 for each program of a batch).",
        HelpName = "SECONDS",
        CustomParser = MachineValues.Seconds,
    };

    private readonly Option<bool> _noReboot = new("--no-reboot")
    {
        Description = "End when the guest asks for a reset.",
        Arity = ArgumentArity.Zero,
    };

    private readonly Option<string[]> _batch = new("--batch")
    {
        Description = "Run many bare-metal programs: ELF files, or text files with one path a line.",
        HelpName = "FILE...",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<int?> _jobs = new("--jobs")
    {
        Description = "Programs of a batch that run at once (default 1).",
        HelpName = "N",
        CustomParser = result => MachineValues.Number(result, 1, MostJobs),
    };

    private readonly ExecutionOptions _execution = new();

    private MachineCommand()
    {
    }

    public static Command Create()
    {
        var machine = new MachineCommand();
        var command = new Command(Name, "Run firmware, a kernel or a bare-metal program on a whole machine; on a terminal Ctrl-A x ends it.")
        {
            machine._bios, machine._kernel, machine._initialDisk, machine._append, machine._deviceTree, machine._dump,
            machine._harts, machine._memory, machine._isa, machine._pmp, machine._drives, machine._virtioConsole,
            machine._signature, machine._granularity, machine._timeout, machine._noReboot,
            machine._batch, machine._jobs,
        };
        machine._execution.AddTo(command);
        machine._execution.AddObservationTo(command);
        command.SetAction(machine.Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        MachineOptions options = Options(result);
        string[] batch = result.GetRequiredValue(_batch);
        if (batch.Length > 0)
            return RunBatch(options, batch, result.GetValue(_jobs) ?? 1);
        Check(options);
        if (options.DumpDeviceTree is { } path)
        {
            MachineSession.DumpDeviceTree(options, path);
            return ExitCode.Success;
        }

        MachineOutcome outcome;
        using (var session = new MachineSession(options))
            outcome = session.Run();
        if (outcome.Exit.Message is { } message)
            Console.Error.WriteLine($"rvjit: {message}");
        if (outcome.Statistics is { } statistics)
            StatisticsReport.Write(Console.Error, statistics, _execution.Statistics(result));
        return outcome.Exit.Code;
    }

    private static int RunBatch(MachineOptions options, string[] batch, int jobs)
    {
        if (options.Bios is not null || options.Kernel is not null)
            throw new BadInputException("--batch names the programs itself; leave --bios and --kernel out");
        if (options.Observation.Trace is not null)
            throw new BadInputException("--trace is about one program; leave --batch out");
        if (options.Observation.Profile is not null)
            throw new BadInputException("--profile is about one program; leave --batch out");
        if (options.Observation.Regions.Count > 0)
            throw new BadInputException("--dump-region is about one program; leave --batch out");
        if (options.Signature is { } directory && !Directory.Exists(directory))
            throw new BadInputException($"--signature {directory} is no directory, which it must be with --batch; make it first (mkdir)");
        using var runner = new BatchRunner(options with { NoReboot = true, Timeout = options.Timeout ?? BatchRunner.DefaultTimeout },
            BatchRunner.Programs(batch), jobs);
        return runner.Run(Console.Out);
    }

    private static void Check(MachineOptions options)
    {
        if (options.Bios is null && options.Kernel is null && options.DumpDeviceTree is null)
            throw new BadInputException("there is nothing to run; give --bios FILE or --kernel FILE");
        if (options.Kernel is not null && options.Bios is null && !new HartFeatures(options.Extensions).Supervisor)
            throw new BadInputException("--kernel needs harts with S-mode, which --isa leaves out; add it, or give a program for M-mode with --bios");
        if (options.DeviceTree is not null && (options.Append is not null || options.InitialDisk is not null))
            throw new BadInputException("--dtb is given to the kernel as it is; write what --append and --initrd say into its node 'chosen', or leave --dtb out");
        if (options.Kernel is null && options.InitialDisk is not null)
            throw new BadInputException("--initrd is for a kernel; give --kernel FILE too");
    }

    private MachineOptions Options(ParseResult result)
    {
        string[] drives = result.GetRequiredValue(_drives);
        bool virtioConsole = result.GetValue(_virtioConsole);
        if (drives.Length + (virtioConsole ? 1 : 0) > BoardMap.VirtioSlots)
            throw new BadInputException($"{drives.Length} drives are too many; the board has {BoardMap.VirtioSlots} virtio slots");
        return new MachineOptions
        {
            Bios = result.GetValue(_bios),
            Kernel = result.GetValue(_kernel),
            InitialDisk = result.GetValue(_initialDisk),
            Append = result.GetValue(_append),
            DeviceTree = result.GetValue(_deviceTree),
            DumpDeviceTree = result.GetValue(_dump),
            Harts = result.GetValue(_harts) ?? 1,
            MemoryBytes = result.GetValue(_memory) ?? MachineOptions.DefaultMemoryBytes,
            Extensions = result.GetValue(_isa) ?? ExtensionSet.Ratified,
            PmpEntries = result.GetValue(_pmp) ?? PmpRegisters.DefaultEntries,
            Drives = [.. drives.Select(DriveFile.Parse)],
            VirtioConsole = virtioConsole,
            Signature = result.GetValue(_signature),
            SignatureGranularity = result.GetValue(_granularity) ?? Signature.DefaultGranularity,
            NoReboot = result.GetValue(_noReboot),
            Observation = _execution.Observation(result),
            Timeout = result.GetValue(_timeout),
            Tier = _execution.Tier(result),
            Metered = _execution.Statistics(result) != StatisticsFormat.None,
        };
    }

    private static Option<string> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };
}
