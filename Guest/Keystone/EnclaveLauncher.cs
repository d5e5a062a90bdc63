using System.Diagnostics.CodeAnalysis;
using RvJit.Guest.Linux;
using RvJit.Guest.Linux.Loading;
using RvJit.Machine;

namespace RvJit.Guest.Keystone;

/// <summary>
/// Makes the process of an enclave that has no host program: a Linux process with descriptors and a thread as any other,
/// whose thread runs <see cref="EnclaveHost"/> instead of guest code.
/// </summary>
public sealed class EnclaveLauncher(LinuxKernel kernel, KeystoneDriver driver, LinuxLauncher launcher)
{
    /// <summary>A process that stands before its first step; <see cref="LinuxLauncher.Start"/> lets it go.</summary>
    public bool TryLaunch(EnclaveFiles files, [NotNullWhen(true)] out LinuxProcess? process, [NotNullWhen(false)] out string? error)
    {
        process = null;
        int pid = kernel.NextId();
        var world = new World($"process {pid}", driver.Monitor.Memory, new WorldOptions(kernel.Options.TrappingFiller)) { TrapHandler = kernel };
        var made = new LinuxProcess(world, driver.Monitor.Memory, kernel.Options) { Kernel = kernel, Pid = pid, Name = "rvjit" };
        kernel.Engine.Attach(world);
        var hart = new Hart(pid, Math.Max(driver.Monitor.PmpEntries, PmpRegisters.DefaultEntries)) { Extensions = kernel.Options.Extensions };
        var thread = new LinuxThread(made, hart, pid);
        error = EnclaveHost.TryBuild(driver, thread, files, out EnclaveHost? host);
        if (error is not null)
        {
            hart.Dispose();
            world.Dispose();
            return false;
        }

        thread.Native = host!.Run;
        made.MainThread = thread;
        launcher.GiveFiles(made);
        process = made;
        return true;
    }
}
