namespace RvJit.Machine;
