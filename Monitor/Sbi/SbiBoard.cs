using RvJit.Machine;
using RvJit.Machine.Board;
using RvJit.Machine.Devices;
using RvJit.Machine.Paging;

namespace RvJit.Monitor.Sbi;

/// <summary>The board of a machine as the native firmware uses it.</summary>
public sealed class SbiBoard(IReadOnlyList<SbiHart> harts, DmaMemory memory, ICharacterPort console, MachineStopper stopper)
    : ISbiPlatform
{
    public int HartCount => harts.Count;

    public DmaMemory Memory => memory;

    public void SetTimer(int hart, ulong time) => harts[hart].SetTimer(time);

    public void SendIpi(int hart) => harts[hart].Interrupts.SetLine(InterruptBit.SupervisorSoftware, level: true);

    public void FenceTranslation(int hart, ulong start, ulong size, ulong? space)
    {
        // One page is forgotten alone; a longer range costs more to walk than all translations to make anew.
        bool isPage = size is > 0 and <= HostMemory.PageSize && (start & (HostMemory.PageSize - 1)) + size <= HostMemory.PageSize;
        MachineMemory.FenceRemote(harts[hart].Memory, isPage ? start : null, space);
    }

    /// <summary>Code is coherent with stores by physical page; what is left is the order of the caller's stores.</summary>
    public void FenceInstruction(int hart) => Interlocked.MemoryBarrier();

    public SbiHartState StateOf(int hart) => harts[hart].State;

    public bool TryStart(int hart, ulong address, ulong opaque) => harts[hart].TryStart(address, opaque);

    public void Stop(int hart) => harts[hart].BeginStop();

    public void Suspend(Hart hart) => harts[hart.Id].Interrupts.Wait();

    public void Reset(SbiResetType type, bool failure) => stopper.Stop(type == SbiResetType.Shutdown
        ? new MachineExit(MachineExitReason.PowerOff, failure ? 1 : 0)
        : new MachineExit(MachineExitReason.Reset));

    public void WriteConsole(ReadOnlySpan<byte> bytes) => console.Write(bytes);

    public int ReadConsole(Span<byte> bytes)
    {
        int count = 0;
        while (count < bytes.Length && console.TryRead(out bytes[count]))
            count++;
        return count;
    }
}
