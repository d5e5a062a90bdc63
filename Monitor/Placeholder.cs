namespace RvJit.Monitor;
