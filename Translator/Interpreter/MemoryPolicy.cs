using System.Runtime.CompilerServices;
using RvJit.Machine;

namespace RvJit.Translator.Interpreter;

/// <summary>
/// What the second parameter of a handler is, and how addresses are checked against it. One handler is compiled for
/// each policy.
/// </summary>
public unsafe interface IMemoryPolicy
{
    /// <summary>The fast check of an access; false sends the instruction the precise way.</summary>
    static abstract bool MayRead(byte* mem, ulong address, int bytes, out byte* host);

    static abstract bool MayWrite(byte* mem, ulong address, int bytes, out byte* host);

    /// <summary>The code block of the page of pc, or null: back to the dispatcher.</summary>
    static abstract byte* FindCode(HartState* st, byte* mem, ulong pc);

    /// <summary>Whether floating-point instructions must be looked at one by one now.</summary>
    static abstract bool IsFloatTrapped(HartState* st);
}

/// <summary>A world's window: guest address 0 is at the second parameter, its permission table below.</summary>
public readonly unsafe struct WindowPolicy : IMemoryPolicy
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayRead(byte* mem, ulong address, int bytes, out byte* host)
    {
        host = mem + address;
        return Allowed(mem, address, bytes == 1 ? PageFlags.Read : PageFlags.ReadPair)
            || AllowedInPage(mem, address, bytes, PageFlags.Read);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayWrite(byte* mem, ulong address, int bytes, out byte* host)
    {
        host = mem + address;
        return Allowed(mem, address, bytes == 1 ? PageFlags.Write : PageFlags.WritePair)
            || AllowedInPage(mem, address, bytes, PageFlags.Write);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* FindCode(HartState* st, byte* mem, ulong pc)
    {
        ulong page = pc >> HostMemory.PageShift;
        return page < World.PageCount
            ? (byte*)(st->StubPage + *(nint*)(mem + ((long)page * 8) - World.DirectoryDisplacement))
            : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsFloatTrapped(HartState* st) => false;

    /// <summary>The in-window check of translated code: one byte of the permission table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Allowed(byte* mem, ulong address, byte need)
    {
        ulong page = address >> HostMemory.PageShift;
        return page < World.PageCount && (mem[(long)page - World.TableDisplacement] & need) != 0;
    }

    /// <summary>
    /// The last page before a hole has no pair bit, and it may be the hottest of all: the top page of an enclave's
    /// stack. An access that stays inside its page needs no neighbour (5 MIPS without this, by the slow path).
    /// </summary>
    private static bool AllowedInPage(byte* mem, ulong address, int bytes, byte need) =>
        (address & (HostMemory.PageSize - 1)) <= (ulong)(HostMemory.PageSize - bytes) && Allowed(mem, address, need);
}
