#if RVJIT_RECORD
using RvJit.Translator.Isa;

namespace RvJit.Tests.Isa.Recording;

/// <summary>
/// Recordings are one file an extension, and every row draws its own random numbers: a new row changes nothing that is
/// recorded of others.
/// </summary>
internal static class RecordedRows
{
    private const int Seed = 20250801;

    /// <summary>The first extension of each row gives its file the name.</summary>
    public static IEnumerable<string> Extensions => InstructionTable.Rows.Select(row => row.Extensions[0]).Distinct();

    public static IEnumerable<Row> Of(string extension) => InstructionTable.Rows.Where(row => row.Extensions[0] == extension);

    public static Random RandomOf(Row row) => new(row.Name.Aggregate(Seed, (hash, c) => unchecked((hash * 31) + c)));
}
#endif
