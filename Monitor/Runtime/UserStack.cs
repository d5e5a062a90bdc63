using System.Runtime.InteropServices;
using System.Text;
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

    /// <summary>AT_PHDR and AT_PHNUM, which a file whose start is in no segment does not get.</summary>
    private const int MissingHeaderWords = 4;

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

    /// <summary>Where sp points when there are no arguments.</summary>
    public const ulong StackPointer = EnclaveAddressSpace.StackTop - (Words * 8);

    /// <summary>Half the stack may hold arguments.</summary>
    private const ulong LargestArguments = EnclaveAddressSpace.StackSize / 2;

    /// <summary>
    /// Writes it; the stack's pages are mapped. Arguments, which Keystone has none of, lie above the 31 words, their
    /// pointers among them, and sp is 16-byte aligned then. False when they are too long.
    /// </summary>
    public static bool TryWrite(
        EnclaveAddressSpace user, EappLoader eapp, ExtensionSet extensions, IReadOnlyList<string> arguments, ulong random0, ulong random1, out ulong pointer)
    {
        byte[] strings = [.. arguments.SelectMany(argument => Encoding.UTF8.GetBytes(argument).Append((byte)0))];
        ulong words = Words + (ulong)arguments.Count;
        ulong stringsAt = EnclaveAddressSpace.StackTop - (ulong)strings.Length;
        pointer = stringsAt - (words * 8);
        if (arguments.Count != 0)
            pointer &= ~15UL;
        if (EnclaveAddressSpace.StackTop - pointer > LargestArguments || !user.TryWrite(stringsAt, strings))
            return false;

        var stack = new List<ulong> { (ulong)arguments.Count };
        foreach (string argument in arguments)
        {
            stack.Add(stringsAt);
            stringsAt += (ulong)Encoding.UTF8.GetByteCount(argument) + 1;
        }

        stack.AddRange([0, 0]); // the ends of argv and of envp
        ulong random = pointer + (8 * (ulong)(stack.Count + (2 * AuxiliaryEntries)));
        stack.AddRange(
        [
            AtHwcap, extensions.Letters & HwcapLetters, AtSysinfo, 0, AtPageSize, KeystoneAbi.PageSize, AtExecfn, 0, AtSecure, 0,
            AtRandom, eapp.ProgramHeaders != 0 ? random : random - (8 * MissingHeaderWords), AtGid, 1, AtEgid, 1, AtUid, 1, AtEuid, 1,
        ]);
        if (eapp.ProgramHeaders != 0)
            stack.AddRange([AtPhdr, eapp.ProgramHeaders, AtPhnum, (ulong)eapp.ProgramHeaderCount]);
        stack.AddRange([AtNull, 0, random0, random1]);
        return user.TryWrite(pointer, MemoryMarshal.AsBytes<ulong>(stack.ToArray()));
    }
}
