using System.Buffers.Binary;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Tests.Monitor;
using RvJit.Translator;

namespace RvJit.Tests.Keystone.Attacks;

/// <summary>What a host answers to system calls of an eapp. The test plays both, so the tier does not matter.</summary>
internal static unsafe class RuntimeAttacks
{
    // The writable pages of EnclaveImage.SmallEapp.
    private const ulong Buffer = 0x12000;
    private const ulong Behind = Buffer + Room;
    private const ulong Word = 0x13000;
    private const int Room = 16;
    private const int Header = 48;
    private const int Payload = 56;
    private const ulong Untouched = 0x5a5a_5a5a_5a5a_5a5a;

    /// <summary>write(2) of 16 bytes "writes" 4096: a loop that goes on behind what was written sends the eapp's memory.</summary>
    public static AttackOutcome WriteMoreThanThereIs(Tier tier, SecurityModel model)
    {
        using MonitorBoard board = Board(model, out EnclaveCreateArguments layout);
        board.Ecall(64, 1, Buffer, Room);
        return Answer(board, layout, 4096) == 4096 ? AttackOutcome.Breached : AttackOutcome.Stopped;
    }

    /// <summary>openat(2) answers with the number of a descriptor that the eapp has open.</summary>
    public static AttackOutcome OpenWhatIsOpen(Tier tier, SecurityModel model)
    {
        using MonitorBoard board = Board(model, out EnclaveCreateArguments layout);
        board.Hart.World.TryWrite(Buffer, "secret\0"u8);
        board.Ecall(56, 0, Buffer, 0);
        return Answer(board, layout, 1) == 1 ? AttackOutcome.Breached : AttackOutcome.Stopped;
    }

    /// <summary>getpeername(2) with room for 16 bytes brings 64.</summary>
    public static AttackOutcome LongerName(Tier tier, SecurityModel model)
    {
        const int NameLength = 136;
        using MonitorBoard board = Board(model, out EnclaveCreateArguments layout);
        board.Hart.World.TryWrite(Word, (ulong)Room);
        board.Ecall(205, 3, Buffer, Word);
        BinaryPrimitives.WriteUInt32LittleEndian(board.Utm(layout)[(Payload + NameLength)..], 4 * Room);
        Answer(board, layout, 0);
        return WasOverwritten(board);
    }

    /// <summary>getcwd(2): the host changes the size that the runtime left in the shared buffer.</summary>
    public static AttackOutcome LargerSize(Tier tier, SecurityModel model)
    {
        using MonitorBoard board = Board(model, out EnclaveCreateArguments layout);
        board.Ecall(17, Buffer, Room);
        BinaryPrimitives.WriteUInt64LittleEndian(board.Utm(layout)[Payload..], 4 * Room);
        board.Utm(layout).Slice(Payload + sizeof(ulong), 4 * Room).Fill((byte)'/');
        Answer(board, layout, Room);
        return WasOverwritten(board);
    }

    private static AttackOutcome WasOverwritten(MonitorBoard board)
    {
        board.Hart.World.TryRead(Behind, out ulong behind);
        return behind == Untouched ? AttackOutcome.Stopped : AttackOutcome.Breached;
    }

    private static ulong Answer(MonitorBoard board, EnclaveCreateArguments layout, long result)
    {
        Span<byte> utm = board.Utm(layout);
        BinaryPrimitives.WriteInt64LittleEndian(utm[Header..], result);
        BinaryPrimitives.WriteUInt64LittleEndian(utm[24..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(utm[32..], Header);
        BinaryPrimitives.WriteUInt64LittleEndian(utm[40..], sizeof(long));
        board.Resume(0);
        return board.Hart.State->X[10];
    }

    private static MonitorBoard Board(SecurityModel model, out EnclaveCreateArguments layout)
    {
        var board = new MonitorBoard(new SecurityMonitorOptions { Model = model });
        layout = board.Start();
        board.Hart.World.TryWrite(Behind, Untouched);
        return board;
    }
}
