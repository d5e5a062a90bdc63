using System.Buffers.Binary;
using System.Security.Cryptography;
using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// Pages of an enclave in memory that the host can read and write at any time: AES-256-GCM under a key of this enclave's
/// life alone, the page's address as associated data, a nonce that is never used twice. Nonce and tag of each page stay
/// inside, so what comes back is the newest version of that very page or nothing. (Keystone runtime/mm/page_swap.c keeps
/// a Merkle tree outside; with the tags inside there is nothing to hash up to.) Each page passes through private memory
/// on its way, in one copy.
/// </summary>
public sealed class PageStore : IDisposable
{
    private const int PageSize = KeystoneAbi.PageSize;
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    /// <summary>Bytes inside the enclave for each page outside: nonce counter, tag, place.</summary>
    private const int RecordSize = 32;

    private readonly PhysicalMemory _memory;
    private readonly ulong _address;
    private readonly Stack<int> _freeSlots;
    private readonly Dictionary<ulong, Record> _records = [];
    private readonly byte[] _passing = new byte[PageSize];
    private readonly AesGcm _cipher;
    private ulong _versions;

    /// <param name="memory">Guest memory.</param>
    /// <param name="address">Where the store lies in it.</param>
    /// <param name="slots">Pages that it can hold.</param>
    public PageStore(PhysicalMemory memory, ulong address, int slots)
    {
        _memory = memory;
        _address = address;
        _freeSlots = new Stack<int>(Enumerable.Range(0, slots).Reverse());
        byte[] key = RandomNumberGenerator.GetBytes(KeySize);
        _cipher = new AesGcm(key, TagSize);
        CryptographicOperations.ZeroMemory(key);
    }

    private readonly record struct Record(int Slot, ulong Version, byte[] Tag);

    public int FreeSlots => _freeSlots.Count;

    /// <summary>Pages of enclave memory that the records of a store take.</summary>
    public static ulong RecordPages(int slots) => (((ulong)slots * RecordSize) + PageSize - 1) / PageSize;

    public bool Holds(ulong page) => _records.ContainsKey(page);

    /// <summary>Puts a page away; there is a free slot.</summary>
    public void Put(ulong page, ReadOnlySpan<byte> contents)
    {
        var record = new Record(_freeSlots.Pop(), ++_versions, new byte[TagSize]);
        Span<byte> nonce = stackalloc byte[NonceSize];
        Span<byte> name = stackalloc byte[sizeof(ulong)];
        Name(record, page, nonce, name);
        _cipher.Encrypt(nonce, contents, _passing, record.Tag, name);
        _passing.CopyTo(Slot(record));
        _records.Add(page, record);
    }

    /// <summary>Takes a page back; false when it is not what was put away.</summary>
    public bool TryTake(ulong page, Span<byte> contents)
    {
        Record record = _records[page];
        Slot(record).CopyTo(_passing);
        Drop(page);
        Span<byte> nonce = stackalloc byte[NonceSize];
        Span<byte> name = stackalloc byte[sizeof(ulong)];
        Name(record, page, nonce, name);
        try
        {
            _cipher.Decrypt(nonce, _passing, record.Tag, contents, name);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    /// <summary>Forgets a page, if it is here.</summary>
    public void Drop(ulong page)
    {
        if (_records.Remove(page, out Record record))
            _freeSlots.Push(record.Slot);
    }

    public void Dispose() => _cipher.Dispose();

    private static void Name(in Record record, ulong page, Span<byte> nonce, Span<byte> name)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, record.Version);
        BinaryPrimitives.WriteUInt64LittleEndian(name, page);
    }

    private Span<byte> Slot(in Record record) => _memory.Span(_address + ((ulong)record.Slot * PageSize), PageSize);
}
