using System.Security.Cryptography;
using RvJit.Guest.Boot;
using RvJit.Machine;
using RvJit.Machine.Board;
using RvJit.Machine.Devices;

namespace RvJit.Cli.Machines;

/// <summary>Memory with everything loaded into it: what a machine is before it has harts.</summary>
public sealed class MachineSetup : IDisposable
{
    private const int SeedBytes = 32;

    private readonly MachineOptions _options;

    private MachineSetup(MachineOptions options)
    {
        _options = options;
        Memory = new PhysicalMemory(options.MemoryBytes);
    }

    public PhysicalMemory Memory { get; }

    public BootPlan Plan { get; private set; } = null!;

    public HtifSymbols? Htif { get; private set; }

    /// <summary>Where the signature lies, when one was asked for.</summary>
    public (ulong Begin, ulong End)? Signature { get; private set; }

    public static MachineSetup Load(MachineOptions options)
    {
        var setup = new MachineSetup(options);
        try
        {
            setup.Load();
            return setup;
        }
        catch
        {
            setup.Dispose();
            throw;
        }
    }

    /// <summary>The signature as a file's text.</summary>
    public string FormatSignature() =>
        RvJit.Guest.Boot.Signature.Format(Memory, Signature!.Value.Begin, Signature.Value.End, _options.SignatureGranularity);

    public void Dispose() => Memory.Dispose();

    private void Load()
    {
        var request = new BootRequest
        {
            Firmware = _options.Bios,
            Kernel = _options.Kernel,
            InitialDisk = _options.InitialDisk,
            DeviceTree = _options.DeviceTree,
            Board = new BoardDescription
            {
                Harts = _options.Harts,
                Extensions = _options.Extensions,
                MemoryBase = Memory.Base,
                MemoryBytes = Memory.Size,
                VirtioDevices = _options.Drives.Count + (_options.VirtioConsole ? 1 : 0),
                BootArguments = _options.Append ?? "",
                RandomSeed = RandomNumberGenerator.GetBytes(SeedBytes),
            },
        };
        Plan = BootLoader.TryLoad(Memory, request, out BootPlan? plan, out string? error) ? plan : throw new BadInputException(error);
        Htif = plan.FirmwareElf is null ? null : ElfSymbols.Htif(plan.FirmwareElf);
        if (_options.Signature is not null)
            FindSignature();
    }

    private void FindSignature()
    {
        if (Plan.FirmwareElf is not { } elf)
            throw new BadInputException("--signature needs a program with symbols: give an ELF file with --bios");
        if (!ElfSymbols.TrySignature(elf, out ulong begin, out ulong end, out string? error))
            throw new BadInputException(error);
        if (!Memory.Contains(begin, end - begin) || end - begin > int.MaxValue)
            throw new BadInputException($"{elf.Path}: its signature at 0x{begin:x} lies outside RAM; link it into RAM");
        Signature = (begin, end);
    }
}
