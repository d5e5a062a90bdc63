namespace RvJit.Guest;
