return RvJit.Perf.PerfCommandLine.Run(args);
