using RvJit.Machine.Board;

namespace RvJit.Machine.Devices;

/// <summary>
/// The test finisher of SiFive boards (device tree binding "sifive,test1"): one register, whose low half ends the run.
/// </summary>
public sealed class Finisher(MachineStopper stopper) : IBusDevice
{
    public const ulong AddressSpace = 0x1000;

    /// <summary>Commands in bits 15:0.</summary>
    public const uint Pass = 0x5555;
    public const uint Reset = 0x7777;

    /// <summary>Bits 31:16 carry the exit code.</summary>
    public const uint Fail = 0x3333;

    public string Name => "finisher";

    public ulong Size => AddressSpace;

    public bool TryRead(ulong offset, int bytes, out ulong value)
    {
        value = 0;
        return IsLegal(offset, bytes);
    }

    public bool TryWrite(ulong offset, int bytes, ulong value)
    {
        if (!IsLegal(offset, bytes))
            return false;
        if (offset != 0)
            return true;
        switch (value & 0xFFFF)
        {
            case Pass:
                stopper.Stop(new MachineExit(MachineExitReason.PowerOff));
                break;
            case Fail:
                stopper.Stop(new MachineExit(MachineExitReason.PowerOff, (int)(uint)value >>> 16));
                break;
            case Reset:
                stopper.Stop(new MachineExit(MachineExitReason.Reset));
                break;
        }

        return true;
    }

    private static bool IsLegal(ulong offset, int bytes) => bytes is 2 or 4 && (offset & ((ulong)bytes - 1)) == 0;
}
