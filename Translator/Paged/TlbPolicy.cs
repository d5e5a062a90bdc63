using System.Runtime.CompilerServices;
using RvJit.Machine;
using RvJit.Machine.Paging;

namespace RvJit.Translator.Interpreter;

/// <summary>The hart's current TLB block (<see cref="TlbLayout"/>). An access over a page's end never hits.</summary>
public readonly unsafe struct TlbPolicy : IMemoryPolicy
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayRead(byte* mem, ulong address, int bytes, out byte* host) =>
        Hits(mem, address, bytes, TlbLayout.ReadTagOffset, out host);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayWrite(byte* mem, ulong address, int bytes, out byte* host) =>
        Hits(mem, address, bytes, TlbLayout.WriteTagOffset, out host);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* FindCode(HartState* st, byte* mem, ulong pc)
    {
        byte* entry = mem + TlbLayout.CodeEntry(pc);
        return *(ulong*)entry == TlbLayout.PageOf(pc) ? *(byte**)(entry + TlbLayout.CodeBlockOffset) : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsFloatTrapped(HartState* st) => st->FloatTrapped != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Hits(byte* mem, ulong address, int bytes, int tagOffset, out byte* host)
    {
        byte* entry = mem + TlbLayout.DataEntry(address);
        host = (byte*)(address + *(ulong*)(entry + TlbLayout.AddendOffset));
        return *(ulong*)(entry + tagOffset) == TlbLayout.PageOf(address + (ulong)(bytes - 1));
    }
}
