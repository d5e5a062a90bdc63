using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RvJit.Cli;

/// <summary>What the generated help cannot know: the order of words, and examples. Also the version line.</summary>
public static class HelpText
{
    private sealed record Words(string Usage, string[] Examples);

    private static readonly Dictionary<string, Words> _words = new()
    {
        ["rvjit"] = new("rvjit COMMAND [options] ...",
        [
            "rvjit demo                           an enclave, its measurement and what its calls cost",
            "rvjit run ./hello one two            a static or dynamic riscv64 Linux program",
            "rvjit run --stats ./host eapp rt ld  a Keystone host program, with counts at the end",
            "rvjit enclave ./eapp one two         a Keystone enclave program, without a host program",
            "rvjit machine --bios fw_jump.elf     firmware, a kernel or a bare-metal program on a whole machine",
            "rvjit disasm ./hello | less          what is inside a program",
        ]),
        ["run"] = new("rvjit run [options] [--] PROGRAM [ARGUMENTS...]",
        [
            "rvjit run ./hello --verbose          --verbose goes to the program",
            "rvjit run --strace ./hello           with every system call on standard error",
            "rvjit run --stats=json ./hello       with counts as one line of JSON on standard error",
            "rvjit run --root /srv/riscv64 /bin/busybox ls /",
            "rvjit run --env LANG=C --unset HOME ./hello",
            "rvjit run --isa rv64gc_zba_zbb ./hello",
            "rvjit run hello.ke                   a Keystone package: host program, enclave and all",
            "rvjit run --model=stock ./host eapp rt ld   with the weaknesses of unmodified Keystone",
            "rvjit run --pmp-entries 64 ./host eapp rt ld   up to 62 enclaves at once",
            "rvjit run --cache ~/.cache/rvjit ./server   the second run is warm from the start",
            "rvjit run --trace - ./hello | head   every executed instruction, as Spike's commit log",
            "rvjit run --profile out.json ./hello where its time goes, for speedscope.app",
            "rvjit run --dump-region main ./hello what main was translated to, and how big it is",
            "rvjit run --runtime=guest ./host eapp eyrie-rt loader.bin   the enclave's own loader and runtime, in S-mode",
        ]),
        ["enclave"] = new("rvjit enclave [options] [--] EAPP [ARGUMENTS...]",
        [
            "rvjit enclave ./hello                a static program as an eapp; the exit code is what it returns, & 0xff",
            "rvjit enclave --freemem 64M ./database --verbose    --verbose goes to the eapp",
            "rvjit enclave --runtime-file eyrie-rt --loader-file loader.bin ./eapp    measured as with a host program",
            "rvjit enclave --runtime-options env_setup,linux_syscall,io_syscall ./eapp",
            "rvjit enclave --report report.bin ./attested        keep the report that the eapp hands out",
        ]),
        ["machine"] = new("rvjit machine [options]",
        [
            "rvjit machine --bios fw_jump.elf --kernel Image --initrd initrd.img --append console=ttyS0",
            "rvjit machine --kernel Image --initrd initrd.img --append console=ttyS0 --harts 2",
            "rvjit machine --bios ./hello.elf     a bare-metal program; its exit code becomes rvjit's",
            "rvjit machine --bios fw_jump.elf --kernel Image --drive disk.img --harts 2 --memory 1G",
            "rvjit machine --batch tests.txt --isa rv64gc_zba_zbb",
            "rvjit machine --bios fw_jump.elf --dump-dtb machine.dtb",
            "rvjit machine --bios ./hello.elf --trace log --max-insns 1000000",
        ]),
        ["demo"] = new("rvjit demo [options]",
        [
            "rvjit demo                           the embedded Keystone host program and its enclave",
            "rvjit demo --tier=interp             the same without translation",
        ]),
        ["measure"] = new("rvjit measure LOADER RUNTIME EAPP",
        [
            "rvjit measure loader.bin eyrie-rt eapp   what an enclave of these files is known by",
        ]),
        ["attest"] = new("rvjit attest verify [options] REPORT",
        [
            "rvjit attest verify --help           what can be expected of a report",
        ]),
        ["attest verify"] = new("rvjit attest verify [options] REPORT",
        [
            "rvjit attest verify report           signatures, with the test device's key",
            "rvjit attest verify --expected $(rvjit measure loader.bin eyrie-rt eapp) report",
            "rvjit attest verify --device-public device.pub --expected-sm sm.hash report",
            "rvjit attest verify --model=stock report   from an upstream monitor",
        ]),
        ["disasm"] = new("rvjit disasm [options] FILE",
        [
            "rvjit disasm ./hello                 every executable section",
            "rvjit disasm --section .text ./hello",
            "rvjit disasm --start 0x10000 --stop 0x10100 ./hello",
            "rvjit disasm --isa rv64gc ./hello    what is outside of rv64gc is listed as data",
        ]),
        ["bench"] = new("rvjit bench edgecalls [options]",
        [
            "rvjit bench edgecalls --help         what can be varied",
        ]),
        ["bench edgecalls"] = new("rvjit bench edgecalls [options]",
        [
            "rvjit bench edgecalls --quick        half a minute",
            "rvjit bench edgecalls --html report.html --json report.json --csv report.csv",
            "rvjit bench edgecalls --backends sync,async-poll --payloads 0,64,4096 --batches 1,32 --runtime native",
        ]),
        ["isa"] = new("rvjit isa",
        [
            "rvjit isa                            names, number of instructions, what they are",
        ]),
    };

    public static void Install(RootCommand root)
    {
        foreach (Option option in root.Options)
        {
            switch (option)
            {
                case HelpOption help:
                    help.Description = "Show help, with examples.";
                    help.Action = new HelpWithExamples();
                    break;
                case VersionOption version:
                    version.Description = "Show the version.";
                    version.Action = new VersionLine();
                    break;
            }
        }
    }

    /// <summary>Help or the version was asked for: the rest of the command line does not matter.</summary>
    public static bool IsAsked(ParseResult result) => result.Action is HelpWithExamples or VersionLine;

    private sealed class HelpWithExamples : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            InvocationConfiguration configuration = parseResult.InvocationConfiguration;
            TextWriter output = configuration.Output;
            configuration.Output = new StringWriter();
            int width = Console.IsOutputRedirected ? 100 : Math.Max(60, Console.WindowWidth);
            new HelpAction { MaxWidth = width }.Invoke(parseResult);
            string[] lines = configuration.Output.ToString()!.TrimEnd().Split('\n');
            configuration.Output = output;

            Command command = parseResult.CommandResult.Command;
            Words words = _words[command is RootCommand ? "rvjit" : ParseFailure.PathOf(command)];
            lines[Array.IndexOf(lines, "Usage:") + 1] = "  " + words.Usage;
            foreach (string line in lines)
                output.WriteLine(line);
            output.WriteLine();
            output.WriteLine("Examples:");
            foreach (string line in words.Examples)
                output.WriteLine("  " + line);
            return ExitCode.Success;
        }
    }

    private sealed class VersionLine : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine("rvjit " + CommandLine.Version);
            return ExitCode.Success;
        }
    }
}
