using System.Reflection.PortableExecutable;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>What an executable that was compiled ahead still compiles at its start.</summary>
public sealed class StartUpTests
{
    /// <summary>
    /// A new generic that cannot be compiled ahead brings dozens of methods. There are some twenty-five: stubs of system
    /// calls, generics over RvJit's structs, and what a kernel asks the processor.
    /// </summary>
    private const int MostCompiled = 50;

    [Test]
    public void AlmostNothingIsCompiledAtTheStart()
    {
        if (!IsCompiledAhead(Path.Combine(Path.GetDirectoryName(RvJitProcess.Executable)!, "RvJit.Translator.dll")))
            Assert.Ignore("the executable under test is not the published one (RVJIT_EXECUTABLE)");
        using var directory = new TemporaryDirectory();
        string list = directory.PathOf("compiled");
        RvJitResult result = new RvJitProcess
        {
            Arguments = ["run", GuestPrograms.Hello],
            Variables = new Dictionary<string, string?> { ["DOTNET_JitStdOutFile"] = list, ["DOTNET_JitDisasmSummary"] = "1" },
        }.Run();
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        string[] compiled = File.ReadAllLines(list);
        Assert.That(compiled, Has.Length.InRange(1, MostCompiled), string.Join('\n', compiled));
    }

    private static bool IsCompiledAhead(string assembly)
    {
        using var reader = new PEReader(File.OpenRead(assembly));
        return reader.PEHeaders.CorHeader?.ManagedNativeHeaderDirectory.Size > 0;
    }
}
