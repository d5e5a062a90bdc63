using RvJit.Fuzz;

return FuzzCommandLine.Run(args);
