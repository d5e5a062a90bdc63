using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RvJit.Machine;

namespace RvJit.Translator.Interpreter;

/// <summary>
/// One predecoded instruction: a handler and its operands, 16 bytes. Records of a guest page stand in one array, a
/// record per halfword, so the next instruction is <see cref="Length"/> records on and no pc is kept while running.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Size)]
public unsafe struct DecodedOp
{
    public const int Size = 16;

    /// <summary>delegate*&lt;DecodedOp*, HartState*, byte*, DecodedOp*&gt;: does the instruction, returns the next record or null.</summary>
    public nint Handler;

    public int Immediate;

    /// <summary>Byte offset of the register in <see cref="HartState.X"/> or <see cref="HartState.F"/>.</summary>
    public byte Rd;
    public byte Rs1;
    public byte Rs2;

    /// <summary>In records: 1 for a compressed instruction, 2 otherwise.</summary>
    public byte Length;
}

/// <summary>Why the interpreter loop ended (<see cref="HartState.Exit"/>).</summary>
public enum InterpreterExit
{
    None,

    /// <summary>The instruction at pc needs <see cref="Isa.Row.Execute"/>.</summary>
    Slow,

    /// <summary>The poll flag was seen; pc is the next instruction.</summary>
    Poll,

    /// <summary>pc was entered often: worth translating.</summary>
    Hot,

    /// <summary>As <see cref="Hot"/>, by way of the dispatcher; the loop was not run.</summary>
    Reentered,

    /// <summary>Translated code starts at pc.</summary>
    Region,

    /// <summary>pc lies in a page that has no records yet.</summary>
    Lookup,
}

/// <summary>
/// What the engine keeps of one guest page of code, in one 64 KiB-aligned block so that a record finds its page: cells
/// of translated code, predecoded records, entry counters, header.
/// <para>Blocks hang on the world's directory by their distance from the stub block, whose cells all lead back to the
/// dispatcher; an empty directory (all zero) therefore needs no filling.</para>
/// </summary>
public static unsafe class CodePage
{
    public const int BlockSize = 1 << 16;
    public const int Halfwords = HostMemory.PageSize / 2;
    public const int CellsOffset = 0;
    public const int OpsOffset = CellsOffset + (Halfwords * 8);
    public const int OpCount = Halfwords + 2;
    public const int CountersOffset = OpsOffset + (OpCount * DecodedOp.Size);
    public const int HeaderOffset = CountersOffset + (OpCount * 2);
    public const int AddressOffset = (HeaderOffset + 7) & ~7;
    public const int GranulesOffset = AddressOffset + 8;
    public const int DecoderIdOffset = GranulesOffset + 8;
    public const int HostOffset = DecoderIdOffset + 8;
    public const int SharedGranulesOffset = HostOffset + 8;
    public const int JumpCountOffset = SharedGranulesOffset + 8;
    public const int JumpsOffset = JumpCountOffset + 8;
    public const int JumpsKept = 256;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* BlockOf(DecodedOp* op) => (byte*)((nuint)op & ~(nuint)(BlockSize - 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DecodedOp* Op(byte* block, ulong pc) =>
        (DecodedOp*)(block + OpsOffset + ((pc & (HostMemory.PageSize - 1)) * (DecodedOp.Size / 2)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint* Cell(byte* block, ulong pc) =>
        (nint*)(block + CellsOffset + ((pc & (HostMemory.PageSize - 2)) * 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort* Counter(byte* block, ulong pc) =>
        (ushort*)(block + CountersOffset + (pc & (HostMemory.PageSize - 2)));

    public static ref ulong Address(byte* block) => ref *(ulong*)(block + AddressOffset);

    /// <summary>Bit g: some instruction was decoded or translated from bytes of 64-byte granule g.</summary>
    public static ref ulong Granules(byte* block) => ref *(ulong*)(block + GranulesOffset);

    /// <summary>Number of the <see cref="Isa.Decoder"/> that fills the page's records.</summary>
    public static ref int DecoderId(byte* block) => ref *(int*)(block + DecoderIdOffset);

    /// <summary>Host address of the page's bytes, where a block belongs to a physical page.</summary>
    public static ref byte* Host(byte* block) => ref *(byte**)(block + HostOffset);

    /// <summary>The granules of the physical page, shared by all blocks decoded from it.</summary>
    public static ref ulong* SharedGranules(byte* block) => ref *(ulong**)(block + SharedGranulesOffset);

    /// <summary>Remembers where an indirect jump of the page went, for the translator: the last <see cref="JumpsKept"/> are kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NoteJump(byte* block, ulong pc, ulong target)
    {
        uint n = (*(uint*)(block + JumpCountOffset))++;
        ((ulong*)(block + JumpsOffset))[n % JumpsKept] = (target << HostMemory.PageShift) | (pc & (HostMemory.PageSize - 1));
    }

    /// <summary>A place in the record of indirect jumps; false when it holds none of the jump at pc.</summary>
    public static bool TryGetJump(byte* block, int index, ulong pc, out ulong target)
    {
        return TryGetJump(block, index, out ulong from, out target) && from == (pc & (HostMemory.PageSize - 1));
    }

    /// <summary>A place in the record of indirect jumps: where in the page one stands, and where it went.</summary>
    public static bool TryGetJump(byte* block, int index, out ulong offset, out ulong target)
    {
        ulong entry = Volatile.Read(ref ((ulong*)(block + JumpsOffset))[index]);
        offset = entry & (HostMemory.PageSize - 1);
        target = entry >> HostMemory.PageShift;
        return entry != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong PcOf(DecodedOp* op)
    {
        byte* block = BlockOf(op);
        return *(ulong*)(block + AddressOffset) + ((ulong)((byte*)op - block - OpsOffset) / (DecodedOp.Size / 2));
    }
}
