using BenchmarkDotNet.Running;
using RvJit.Perf.Programs;

// programs [NAME...]   whole guest programs under every executor on this machine, as a table
// micro [FILTER...]    BenchmarkDotNet on single parts; see its own --help
switch (args)
{
    case ["programs", .. var names]:
        return ProgramComparison.Run(names, Console.Out);
    case ["micro", .. var rest]:
        BenchmarkSwitcher.FromAssembly(typeof(ProgramComparison).Assembly).Run(rest);
        return 0;
    default:
        Console.Error.WriteLine("usage: programs [NAME...] | micro [BENCHMARKDOTNET OPTIONS...]");
        return 2;
}
