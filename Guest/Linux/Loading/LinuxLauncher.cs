using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Win32.SafeHandles;
using RvJit.Guest.Elf;
using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Files.Host;
using RvJit.Guest.Linux.Identity;
using RvJit.Guest.Linux.Mapping;
using RvJit.Guest.Linux.Signals;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Loading;

/// <summary>What to run.</summary>
public sealed record LaunchRequest
{
    /// <summary>The program file on the host.</summary>
    public required string HostPath { get; init; }

    /// <summary>What the guest knows it as (AT_EXECFN, /proc/self/exe); null takes the absolute host path.</summary>
    public string? GuestPath { get; init; }

    /// <summary>argv, the program's own name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>NAME=value strings.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];
}

/// <summary>Makes processes: world, program, stack, main thread. Its expected failures are one-line messages.</summary>
public sealed unsafe class LinuxLauncher(LinuxKernel kernel, PhysicalMemory memory, int pmpEntries = PmpRegisters.DefaultEntries)
{
    /// <summary>The letters that AT_HWCAP may have (Linux, uapi asm/hwcap.h): i, m, a, f, d, c.</summary>
    private const ulong CapabilityLetters = (1 << ('I' - 'A')) | (1 << ('M' - 'A')) | (1 << ('A' - 'A')) | (1 << ('F' - 'A')) | (1 << ('D' - 'A')) | (1 << ('C' - 'A'));
    private const int ProgramHeaderBytes = 56;
    private const int LongestName = 15;

    /// <summary>li a7, __NR_rt_sigreturn; ecall. The words by which unwinders know a signal frame.</summary>
    private static ReadOnlySpan<uint> SignalReturnCode => [0x08b00893, 0x00000073];

    /// <summary>Makes a process that stands before its first instruction; <see cref="Start"/> lets it go.</summary>
    public bool TryLaunch(LaunchRequest request, [NotNullWhen(true)] out LinuxProcess? process, [NotNullWhen(false)] out string? error)
    {
        process = null;
        if (!ElfFile.TryRead(request.HostPath, out ElfFile? program, out error))
            return false;
        ElfFile? interpreter = null;
        if (program.Interpreter is { } name && !TryReadInterpreter(program, name, out interpreter, out error))
            return false;

        int pid = kernel.NextId();
        var world = new World($"process {pid}", memory, new WorldOptions(kernel.Options.TrappingFiller, IsPrivate: true)) { TrapHandler = kernel };
        string guestPath = request.GuestPath ?? Path.GetFullPath(request.HostPath);
        string fileName = Path.GetFileName(guestPath);
        var made = new LinuxProcess(world, memory, kernel.Options)
        {
            Kernel = kernel,
            Pid = pid,
            ExecutablePath = guestPath,
            Name = fileName.Length > LongestName ? fileName[..LongestName] : fileName,
            Arguments = request.Arguments,
            Environment = request.Environment,
        };
        kernel.Engine.Attach(world);
        error = Fill(made, program, interpreter);
        if (error is not null)
        {
            made.Map.Clear();
            world.Dispose();
            return false;
        }

        GiveFiles(made);
        process = made;
        return true;
    }

    /// <summary>Starts the main thread of a process just made.</summary>
    public void Start(LinuxProcess process)
    {
        LinuxThread main = process.MainThread ?? throw new InvalidOperationException("the process was not made by a launcher");
        if (!kernel.TryStart(main))
            throw new InvalidOperationException("the process has ended already");
    }

    /// <summary>Makes an open file of the host the standard output and error of a process just made; it stays the caller's.</summary>
    public static void Redirect(LinuxProcess process, SafeFileHandle output)
    {
        const int StandardOutput = 1, StandardError = 2;
        foreach (int descriptor in (int[])[StandardOutput, StandardError])
            process.Files.Table.Set(descriptor, HostFile.Borrow((int)output.DangerousGetHandle()));
    }

    internal void GiveFiles(LinuxProcess process)
    {
        var files = new ProcessFiles(process.Options, kernel.Devices)
        {
            Program = new ProgramDescription
            {
                Executable = process.ExecutablePath,
                CommandLine = ZeroTerminated(process.Arguments),
                Environment = ZeroTerminated(process.Environment),
                AuxiliaryVector = process.AuxiliaryVector,
                Maps = () => MapsText.Of(process.Map),
            },
        };
        process.Files = files;
        process.OnExit(files.Dispose);
    }

    private static byte[] ZeroTerminated(IReadOnlyList<string> strings)
    {
        var text = new StringBuilder();
        foreach (string s in strings)
            text.Append(s).Append('\0');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private string? Fill(LinuxProcess process, ElfFile program, ElfFile? interpreter)
    {
        MemoryMap map = process.Map;
        ulong bias = program.Type == ElfType.Dynamic ? UserLayout.ProgramBase - UserLayout.RoundDown(program.LowestAddress) : 0;
        if (!ProgramLoader.TryLoad(map, memory, program, bias, out LoadedImage? image, out string? error))
            return error;
        process.Image = (UserLayout.RoundDown(program.LowestAddress) + bias, image.End);
        LoadedImage start = image;
        process.Images = [LoadedCode.Whole(program, bias)];
        if (interpreter is not null)
        {
            ulong span = UserLayout.RoundUp(interpreter.HighestAddress) - UserLayout.RoundDown(interpreter.LowestAddress);
            ulong hole = interpreter.Type == ElfType.Dynamic ? map.FindHole(span) : UserLayout.RoundDown(interpreter.LowestAddress);
            if (!ProgramLoader.TryLoad(map, memory, interpreter, hole - UserLayout.RoundDown(interpreter.LowestAddress), out LoadedImage? loader, out error))
                return error;
            start = loader;
            process.Images = [.. process.Images, LoadedCode.Whole(interpreter, loader.Bias)];
        }

        map.SetHeapStart(image.End + UserLayout.HeapGap);
        return PlaceSignalReturn(map) ?? MakeMainThread(process, image, start);
    }

    private string? PlaceSignalReturn(MemoryMap map) =>
        map.TryPlace(UserLayout.SignalReturn, [Access.Read | Access.Execute], VmaFlags.Special, physical =>
        {
            for (int i = 0; i < SignalReturnCode.Length; i++)
                *(uint*)memory.Pointer(physical + (ulong)(i * sizeof(uint)), sizeof(uint)) = SignalReturnCode[i];
        })
            ? null
            : "guest memory is too small for a process";

    private string? MakeMainThread(LinuxProcess process, LoadedImage image, LoadedImage start)
    {
        ElfFile program = image.File;
        ulong stackBytes = UserLayout.RoundUp(process.Options.StackBytes) + UserLayout.StackGap;
        bool executable = program.Segments.Any(s => s.Type == ElfSegment.GnuStack && (s.Flags & ElfSegmentFlags.Execute) != 0);
        byte[] random = process.Options.RandomSeed ?? DrawRandom();
        ReadOnlySpan<(ulong, ulong)> auxiliary =
        [
            (AuxiliaryType.MinimumSignalStack, SignalFrame.Size),
            (AuxiliaryType.Capabilities, process.Options.Extensions.Letters & CapabilityLetters),
            (AuxiliaryType.PageSize, UserLayout.Page),
            (AuxiliaryType.ClockTicks, 100),
            (AuxiliaryType.ProgramHeaders, image.ProgramHeaders),
            (AuxiliaryType.ProgramHeaderSize, ProgramHeaderBytes),
            (AuxiliaryType.ProgramHeaderCount, (ulong)program.Segments.Count),
            (AuxiliaryType.Base, start == image ? 0 : start.Bias),
            (AuxiliaryType.Flags, 0),
            (AuxiliaryType.Entry, image.Entry),
            (AuxiliaryType.User, HostIdentity.User),
            (AuxiliaryType.EffectiveUser, HostIdentity.EffectiveUser),
            (AuxiliaryType.Group, HostIdentity.Group),
            (AuxiliaryType.EffectiveGroup, HostIdentity.EffectiveGroup),
            (AuxiliaryType.Secure, 0),
        ];
        if (!InitialStack.TryBuild(
                UserLayout.StackTop - UserLayout.StackGap, stackBytes, process.Arguments, process.Environment, process.ExecutablePath, random, auxiliary,
                out InitialStack? stack, out string? error))
            return error;

        var grants = new Access[stackBytes / UserLayout.Page];
        foreach (ref Access grant in grants.AsSpan())
            grant = executable ? Access.All : Access.ReadWrite;
        bool placed = process.Map.TryPlace(UserLayout.StackTop - stackBytes, grants, VmaFlags.Stack, physical =>
            stack.Bytes.CopyTo(memory.Span(physical + stackBytes - UserLayout.StackGap - (ulong)stack.Bytes.Length, stack.Bytes.Length)));
        if (!placed)
            return $"a stack of {stackBytes >> 10} KiB does not fit in guest memory; make the stack smaller or the memory larger";

        var hart = new Hart(process.Pid, pmpEntries) { Extensions = process.Options.Extensions };
        hart.State->Pc = start.Entry;
        hart.State->X[2] = stack.Pointer;
        process.AuxiliaryVector = stack.Auxiliary;
        process.MainThread = new LinuxThread(process, hart, process.Pid);
        return null;
    }

    private static byte[] DrawRandom()
    {
        var bytes = new byte[InitialStack.RandomBytes];
        fixed (byte* p = bytes)
        {
            if (HostCalls.GetRandom(p, InitialStack.RandomBytes, 0) != InitialStack.RandomBytes)
                throw new InvalidOperationException("the host gives no random bytes");
        }

        return bytes;
    }

    /// <summary>PT_INTERP is looked up under the root that the guest sees.</summary>
    private bool TryReadInterpreter(ElfFile program, string name, out ElfFile? interpreter, [NotNullWhen(false)] out string? error)
    {
        interpreter = null;
        string path = Path.Join(kernel.Options.Root, name);
        if (!File.Exists(path))
        {
            error = $"{program.Path} is dynamically linked and its ELF interpreter {path} does not exist; "
                + "link it with -static, or give the directory of a riscv64 system as --root";
            return false;
        }

        if (!ElfFile.TryRead(path, out interpreter, out error))
            return false;
        if (interpreter.Interpreter is null)
            return true;
        error = $"{path} is an ELF interpreter that wants an interpreter itself; give another system as --root";
        return false;
    }
}
