using RvJit.Translator.Isa.Rows;
using RvJit.Translator.Isa.Tables;

namespace RvJit.Translator.Isa;

/// <summary>All rows. One inside the encoding of another stands before it.</summary>
public static class InstructionTable
{
    private static readonly RowDefinition[] s_definitions =
    [
        .. Of(["zihintpause"], HintTable.Zihintpause()),
        .. Of(["zihintntl"], HintTable.Zihintntl()),
        .. Of(["zihintntl"], HintTable.ZihintntlWithZca(), alsoNeeds: "zca"),
        .. Of(["zicbop"], HintTable.Zicbop()),
        .. Of(["zcmop"], HintTable.Zcmop()),
        .. Of(["i"], BaseTable.I()),
        .. Of(["zifencei"], BaseTable.Zifencei()),
        .. Of(["zicsr"], BaseTable.Zicsr()),
        .. Of(["i"], PrivilegedTable.Base()),
        .. Of(["n"], PrivilegedTable.N()),
        .. Of(["xaec"], PrivilegedTable.Xaec()),
        .. Of(["svinval"], PrivilegedTable.Svinval()),
        .. Of(["zmmul"], BaseTable.Zmmul()),
        .. Of(["m"], BaseTable.M()),
        .. Of(["zalrsc"], AtomicTable.Zalrsc()),
        .. Of(["zaamo"], AtomicTable.Zaamo()),
        .. Of(["zabha"], AtomicTable.Zabha()),
        .. Of(["zacas"], AtomicTable.Zacas()),
        .. Of(["zabha"], AtomicTable.ZabhaWithZacas(), alsoNeeds: "zacas"),
        .. Of(["zawrs"], AtomicTable.Zawrs()),
        .. Of(["zicbom"], HintTable.Zicbom()),
        .. Of(["zicboz"], HintTable.Zicboz()),
        .. Of(["zimop"], HintTable.Zimop()),
        .. Of(["f"], FloatTable.F()),
        .. Of(["d"], FloatTable.D()),
        .. Of(["zfa"], ZfaTable.Single()),
        .. Of(["zfa"], ZfaTable.Double(), alsoNeeds: "d"),
        .. Of(["zfa"], ZfaTable.Half(), alsoNeeds: "zfh"),
        .. Of(["zfh"], HalfTable.Zfh()),
        .. Of(["zfhmin"], HalfTable.Zfhmin()),
        .. Of(["zfhmin"], HalfTable.ZfhminD(), alsoNeeds: "d"),
        .. Of(["zca"], CompressedTable.Zca()),
        .. Of(["zcd"], CompressedTable.Zcd()),
        .. Of(["zcb"], CompressedTable.Zcb()),
        .. Of(["zcb"], CompressedTable.ZcbWithM(), alsoNeeds: "zmmul"),
        .. Of(["zcb"], CompressedTable.ZcbWithZbb(), alsoNeeds: "zbb"),
        .. Of(["zcb"], CompressedTable.ZcbWithZba(), alsoNeeds: "zba"),
        .. Of(["zba"], BitTable.Zba()),
        .. Of(["zbb", "zbkb"], BitTable.ZbbOrZbkb()),
        .. Of(["zbb"], BitTable.Zbb()),
        .. Of(["zbc", "zbkc"], BitTable.ZbcOrZbkc()),
        .. Of(["zbc"], BitTable.Zbc()),
        .. Of(["zbs"], BitTable.Zbs()),
        .. Of(["zbkb"], BitTable.Zbkb()),
        .. Of(["zbkx"], BitTable.Zbkx()),
        .. Of(["zknd"], CryptographyTable.Zknd()),
        .. Of(["zkne"], CryptographyTable.Zkne()),
        .. Of(["zknd", "zkne"], CryptographyTable.ZkndOrZkne()),
        .. Of(["zknh"], CryptographyTable.Zknh()),
        .. Of(["zksed"], CryptographyTable.Zksed()),
        .. Of(["zksh"], CryptographyTable.Zksh()),
        .. Of(["zicond"], BitTable.Zicond()),
    ];

    /// <summary>The table as it is written; only what code uses of it becomes rows.</summary>
    public static IReadOnlyList<RowDefinition> Definitions => s_definitions;

    /// <summary>All rows, made.</summary>
    public static IReadOnlyList<Row> Rows => field ??= Array.ConvertAll(s_definitions, definition => definition.Row);

    /// <summary>Bytes of the instruction that starts with these 16 bits. Longer than 4 is not in the table.</summary>
    public static int LengthOf(ushort parcel) => (parcel & 3) == 3 ? 4 : 2;

    /// <summary>Decodes by every row; code that runs is decoded by its hart's <see cref="InstructionSet"/>.</summary>
    public static Instruction Decode(uint word) => InstructionSet.Max.Decode(word);

    /// <summary>The compressed row of 16 bits, before expansion.</summary>
    public static CompressedRow? FindCompressed(uint bits) => InstructionSet.Max.FindCompressed(bits);

    /// <param name="extensions">Any one of them provides the rows.</param>
    /// <param name="alsoNeeds">And this one must be there, too.</param>
    private static RowDefinition[] Of(string[] extensions, RowDefinition[] definitions, string? alsoNeeds = null)
    {
        foreach (RowDefinition definition in definitions)
        {
            definition.Extensions = extensions;
            definition.AlsoNeeds = alsoNeeds;
        }

        return definitions;
    }
}
