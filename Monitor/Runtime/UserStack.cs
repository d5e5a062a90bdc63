using System.Runtime.InteropServices;
using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// The first stack of an eapp that a libc starts: argc, argv, envp, auxiliary vector, 16 random bytes (Keystone
/// runtime/sys/env.c). 31 words below the stack's top, whatever is in them, so sp is only 8-byte aligned.
/// </summary>
public static class UserStack
{
    private const int AuxiliaryEntries = 13;
    private const int Words = 3 + (2 * AuxiliaryEntries) + 2;

    private const ulong AtNull = 0;
    private const ulong AtPhdr = 3;
    private const ulong AtPhnum = 5;
    private const ulong AtPageSize = 6;
    private const ulong AtUid = 11;
    private const ulong AtEuid = 12;
    private const ulong AtGid = 13;
    private const ulong AtEgid = 14;
    private const ulong AtHwcap = 16;
    private const ulong AtSecure = 23;
    private const ulong AtRandom = 25;
    private const ulong AtExecfn = 31;
    private const ulong AtSysinfo = 32;

    /// <summary>i, m, a, f, d, c: the letters that AT_HWCAP may have.</summary>
    private const ulong HwcapLetters = 0x112d;

    public const ulong StackPointer = EnclaveAddressSpace.StackTop - (Words * 8);

    /// <summary>Writes it; the stack's pages are mapped.</summary>
    public static bool TryWrite(World world, EappLoader eapp, ExtensionSet extensions, ulong random0, ulong random1)
    {
        Span<ulong> words = stackalloc ulong[Words];
        words.Clear();
        int i = 3; // argc = 0, argv[0] = NULL, envp[0] = NULL
        Put(words, ref i, AtHwcap, extensions.Letters & HwcapLetters);
        Put(words, ref i, AtSysinfo, 0);
        Put(words, ref i, AtPageSize, KeystoneAbi.PageSize);
        Put(words, ref i, AtExecfn, 0);
        Put(words, ref i, AtSecure, 0);
        Put(words, ref i, AtRandom, 0);
        int randomPointer = i - 1;
        Put(words, ref i, AtGid, 1);
        Put(words, ref i, AtEgid, 1);
        Put(words, ref i, AtUid, 1);
        Put(words, ref i, AtEuid, 1);
        if (eapp.ProgramHeaders != 0)
        {
            Put(words, ref i, AtPhdr, eapp.ProgramHeaders);
            Put(words, ref i, AtPhnum, (ulong)eapp.ProgramHeaderCount);
        }

        Put(words, ref i, AtNull, 0);
        words[randomPointer] = StackPointer + (8 * (ulong)i);
        Put(words, ref i, random0, random1);
        return world.TryWrite(StackPointer, MemoryMarshal.AsBytes(words));
    }

    private static void Put(Span<ulong> words, ref int at, ulong first, ulong second)
    {
        words[at++] = first;
        words[at++] = second;
    }
}
