using RvJit.Cli;

return CommandLine.Run(args);
