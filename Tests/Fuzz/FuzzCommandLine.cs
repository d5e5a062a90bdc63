using System.Runtime.InteropServices;

namespace RvJit.Fuzz;

/// <summary>The fuzzer's command line. 0: all agree; 1: something differs; 2: bad input, said in one line.</summary>
internal static class FuzzCommandLine
{
    private const int SomethingDiffers = 1, BadInput = 2, MostTold = 100;

    private const string Help = """
        Compares generated programs in every tier with qemu-riscv64.

          --minutes N     how long (default 1)
          --seed S        the programs to make (default: a new one, printed)
          --first N --programs M
                          only these programs of the seed
          --jobs J        threads, each with a qemu of its own (default 1)
          --isa ISA       only these extensions, as in rv64gc_zba (default: max)
          --words N       before that, compare which of N wide words, and of all 16-bit ones, are instructions
          --keep DIR      write each shrunk finding to DIR, for Tests/Fuzz/Corpus
          --qemu PATH     the qemu-riscv64 to use (default: RVJIT_QEMU, else from PATH)

        How this fits into the tests: docs/testing.md.
        """;

    public static int Run(string[] args)
    {
        try
        {
            if (args is ["--help" or "-h", ..])
            {
                Console.WriteLine(Help);
                return 0;
            }

            FuzzOptions options = FuzzOptions.Parse(args);
            bool differs = options.Words != 0 && Decode(options);
            var session = new Session(options, Console.Out);
            using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            void Stop(PosixSignalContext context)
            {
                context.Cancel = true;
                session.Stop();
            }

            SessionReport report = session.Run();
            report.WriteTo(Console.Out);
            return differs || report.Mismatches != 0 || report.Endless != 0 ? SomethingDiffers : 0;
        }
        catch (Exception error) when (error is BadInputException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            Console.Error.WriteLine($"fuzz: error: {error.Message.ReplaceLineEndings(" ")}");
            return BadInput;
        }
    }

    private static bool Decode(FuzzOptions options)
    {
        using var session = new DecoderSession(options);
        int wrong = 0;
        foreach (string line in session.Run())
        {
            if (wrong++ < MostTold)
                Console.WriteLine(line);
        }

        Console.WriteLine($"seed {options.Seed}: {session.Words} words decoded, {session.Instructions} instructions, {wrong} differently");
        return wrong != 0;
    }
}
