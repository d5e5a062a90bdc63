namespace RvJit.Machine;

/// <summary>Privilege levels, encoded as in mstatus.MPP (privileged manual, table "RISC-V privilege levels").</summary>
public enum Privilege : byte
{
    User = 0,
    Supervisor = 1,
    Machine = 3,
}
