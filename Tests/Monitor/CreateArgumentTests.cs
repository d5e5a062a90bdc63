using NUnit.Framework;
using RvJit.Monitor;

namespace RvJit.Tests.Monitor;

/// <summary>Keystone sm/src/enclave.c, is_create_args_valid, one rule a case.</summary>
public class CreateArgumentTests
{
    private const ulong Epm = 0x8100_0000;
    private const ulong Size = 0x10_0000;
    private const ulong Utm = 0x8200_0000;

    private static readonly EnclaveCreateArguments s_good =
        new(Epm, Size, Utm, 0x1_0000, Epm + 0x1000, Epm + 0x2000, Epm + 0x3000, 0);

    private static IEnumerable<TestCaseData> Cases()
    {
        yield return Case("as it should be", s_good, KeystoneError.Success);
        yield return Case("no free memory", s_good with { FreeAddress = Epm + Size }, KeystoneError.Success);
        yield return Case("empty runtime", s_good with { UserAddress = Epm + 0x1000 }, KeystoneError.Success);
        yield return Case("no EPM", s_good with { EpmSize = 0 }, KeystoneError.IllegalArgument);
        yield return Case("EPM wraps", s_good with { EpmSize = ulong.MaxValue - Epm + 1 }, KeystoneError.IllegalArgument);
        yield return Case("no UTM", s_good with { UtmSize = 0 }, KeystoneError.IllegalArgument);
        yield return Case("UTM wraps", s_good with { UtmSize = ulong.MaxValue }, KeystoneError.IllegalArgument);
        yield return Case("runtime below", s_good with { RuntimeAddress = Epm - 1 }, KeystoneError.IllegalArgument);
        yield return Case("runtime at the end", s_good with { RuntimeAddress = Epm + Size }, KeystoneError.IllegalArgument);
        yield return Case("user below", s_good with { UserAddress = Epm - 0x1000 }, KeystoneError.IllegalArgument);
        yield return Case("user at the end", s_good with { UserAddress = Epm + Size, FreeAddress = Epm + Size }, KeystoneError.IllegalArgument);
        yield return Case("free below", s_good with { FreeAddress = Epm - 0x1000 }, KeystoneError.IllegalArgument);
        yield return Case("free past the end", s_good with { FreeAddress = Epm + Size + 1 }, KeystoneError.IllegalArgument);
        yield return Case("runtime behind user", s_good with { RuntimeAddress = Epm + 0x2001 }, KeystoneError.IllegalArgument);
        yield return Case("user behind free", s_good with { UserAddress = Epm + 0x3001 }, KeystoneError.IllegalArgument);
        yield return Case("EPM is not RAM", s_good with { EpmAddress = 0x1000_0000, RuntimeAddress = 0x1000_0000, UserAddress = 0x1000_0000, FreeAddress = 0x1000_0000 }, KeystoneError.IllegalArgument);
        yield return Case("UTM is not RAM", s_good with { UtmAddress = 0x1000_0000 }, KeystoneError.IllegalArgument);
        yield return Case("EPM is the monitor", s_good with { EpmAddress = 0x8000_0000, RuntimeAddress = 0x8000_0000, UserAddress = 0x8000_0000, FreeAddress = 0x8000_0000 }, KeystoneError.PmpFailure);
        yield return Case("UTM is the monitor", s_good with { UtmAddress = 0x8010_0000 }, KeystoneError.PmpFailure);
        yield return Case("UTM inside the EPM", s_good with { UtmAddress = Epm + 0x1_0000 }, KeystoneError.PmpFailure);
        yield return Case("UTM of three pages", s_good with { UtmSize = 0x3000 }, KeystoneError.PmpFailure);
        yield return Case("EPM of half pages", s_good with { EpmSize = Size - 0x800 }, KeystoneError.PmpFailure);
    }

    [TestCaseSource(nameof(Cases))]
    public void Validation(EnclaveCreateArguments arguments, KeystoneError expected)
    {
        using var board = new MonitorBoard();
        Assert.That(board.Monitor.Create(board.Hart, arguments).Error, Is.EqualTo(expected));

        // A refused creation leaves nothing behind.
        if (expected != KeystoneError.Success)
            Assert.That(board.Monitor.Create(board.Hart, s_good), Is.EqualTo(new SbiReturn(KeystoneError.Success, 0)));
    }

    [Test]
    public void OverlappingEnclavesAreRefused()
    {
        using var board = new MonitorBoard();
        Assert.That(board.Monitor.Create(board.Hart, s_good).Error, Is.EqualTo(KeystoneError.Success));
        Assert.That(board.Monitor.Create(board.Hart, s_good).Error, Is.EqualTo(KeystoneError.PmpFailure));
        EnclaveCreateArguments sameUtm = s_good with { EpmAddress = Epm + Size, RuntimeAddress = Epm + Size, UserAddress = Epm + Size, FreeAddress = Epm + Size };
        Assert.That(board.Monitor.Create(board.Hart, sameUtm).Error, Is.EqualTo(KeystoneError.PmpFailure));
    }

    [Test]
    public void TheStructureIsReadAtItsOffsets()
    {
        byte[] bytes = new byte[EnclaveCreateArguments.Size];
        for (int i = 0; i < 8; i++)
            bytes[i * 8] = (byte)(i + 1);
        Assert.That(EnclaveCreateArguments.Read(bytes), Is.EqualTo(new EnclaveCreateArguments(1, 2, 3, 4, 5, 6, 7, 8)));
    }

    private static TestCaseData Case(string name, EnclaveCreateArguments arguments, KeystoneError expected) =>
        new TestCaseData(arguments, expected).SetArgDisplayNames(name);
}
