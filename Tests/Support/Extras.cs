using NUnit.Framework;

namespace RvJit.Tests.Support;

/// <summary>
/// Programs that some tests need and a machine with only the .NET SDK lacks. A test asks for what it needs: where
/// it is missing the test is skipped and says why; in CI, which installs everything, it fails.
/// </summary>
public static class Extras
{
    /// <summary>Path of qemu-riscv64 (user mode), version 10 or later.</summary>
    public static string RequireQemu() =>
        Require("RVJIT_QEMU", "qemu-riscv64", "qemu-user 10 (Debian: qemu-user from bookworm-backports)");

    /// <summary>Path of qemu-system-riscv64, version 10 or later.</summary>
    public static string RequireQemuSystem() =>
        Require("RVJIT_QEMU_SYSTEM", "qemu-system-riscv64", "qemu-system-riscv64 10 (Debian: qemu-system-misc from bookworm-backports)");

    /// <summary>Path of a C cross compiler with a C library.</summary>
    public static string RequireCrossCompiler() =>
        Require("RVJIT_CC", "riscv64-linux-gnu-gcc", "the cross compiler (Debian: gcc-riscv64-linux-gnu libc6-dev-riscv64-cross)");

    /// <summary>Path of Python 3.</summary>
    public static string RequirePython() => Require("RVJIT_PYTHON", "python3", "Python 3 (Debian: python3)");

    /// <summary>Path of the cross objdump.</summary>
    public static string RequireObjdump() =>
        Require("RVJIT_OBJDUMP", "riscv64-linux-gnu-objdump", "the cross binutils (Debian: binutils-riscv64-linux-gnu)");

    /// <summary>Path of a static riscv64 busybox, as .ci/fetch-busybox leaves it.</summary>
    public static string RequireBusybox() => Require("RVJIT_BUSYBOX",
        Repository.PathOf("artifacts", "extras", "busybox-static", "usr", "bin", "busybox"), "a riscv64 busybox (fetch one with .ci/fetch-busybox)");

    public static bool InContinuousIntegration { get; } =
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Ends the test: skipped on a developer's machine, failed in CI.</summary>
    public static void Missing(string reason)
    {
        if (InContinuousIntegration)
            Assert.Fail($"CI must not skip: {reason}");
        Assert.Ignore(reason);
    }

    private static string Require(string variable, string program, string what)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given)
        {
            if (!File.Exists(given))
                Assert.Fail($"{variable}={given}: no such file");
            return given;
        }

        string? found = Path.IsPathRooted(program) ? (File.Exists(program) ? program : null) : OnPath(program);
        if (found is null)
            Missing($"needs {what}; install it or set {variable}");
        return found!;
    }

    private static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);
}
