using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace RvJit.Perf.Compare;

/// <summary>
/// Runs a program and measures it alone.
/// <para>
/// Linux starts the peak resident set of a process at that of whoever called exec, so a direct child of this (.NET)
/// process could never report less than some 50 MiB. Therefore a shell forks a subshell, says its pid and ends; the
/// subshell, now our child because we are its subreaper, waits for a line, replaces itself by the program and is
/// waited for with wait4. Wall time runs from that line to the exit. What is included for everyone: one read, three
/// redirections and one exec in a shell, together well below a millisecond.
/// </para>
/// </summary>
public sealed unsafe class MeasuredProcess
{
    private const string Launcher =
        "exec 3<&0; out=$1; err=$2; shift 2; "
        + "( read -r go <&3 || exit 125; exec \"$@\" 3<&- </dev/null >\"$out\" 2>\"$err\" ) & echo $!";

    private readonly string _output;
    private readonly string _error;
    private readonly TimeSpan _timeout;

    /// <param name="scratch">Directory for the output of the program that runs.</param>
    /// <param name="timeout">When to kill it.</param>
    public MeasuredProcess(string scratch, TimeSpan timeout)
    {
        _output = Path.Combine(scratch, "stdout");
        _error = Path.Combine(scratch, "stderr");
        _timeout = timeout;
        if (prctl(SetChildSubreaper, 1, 0, 0, 0) != 0)
            throw new IOException($"prctl(PR_SET_CHILD_SUBREAPER): {Marshal.GetLastPInvokeErrorMessage()}");
    }

    public Run Run(IReadOnlyList<string> command)
    {
        using Process shell = StartShell(command);
        if (!int.TryParse(shell.StandardOutput.ReadLine(), out int pid))
            throw new IOException("/bin/sh did not say which process it started");
        shell.WaitForExit(); // from here on the subshell is our child
        using var watch = new Watchdog(pid, _timeout);
        long start = Stopwatch.GetTimestamp();
        shell.StandardInput.Write('\n');
        shell.StandardInput.Flush();
        WaitForExit(pid);
        TimeSpan wall = Stopwatch.GetElapsedTime(start);
        bool killed = watch.Stop();
        ResourceUsage usage;
        int status;
        if (wait4(pid, &status, 0, &usage) != pid)
            throw new IOException($"wait4: {Marshal.GetLastPInvokeErrorMessage()}");
        var sample = new Sample(wall.TotalSeconds, usage.User.Seconds, usage.System.Seconds, usage.PeakKiB);
        return new Run(sample, File.Exists(_output) ? File.ReadAllBytes(_output) : [], Failure(status, killed));
    }

    private Process StartShell(IReadOnlyList<string> command)
    {
        File.Delete(_output);
        File.Delete(_error);
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (string word in (string[])["-c", Launcher, "sh", _output, _error, .. command])
            start.ArgumentList.Add(word);
        return Process.Start(start) ?? throw new IOException("cannot start /bin/sh");
    }

    private string? Failure(int status, bool killed)
    {
        if (killed)
            return $"took longer than {_timeout.TotalSeconds:0} s and was killed";
        int signal = status & 0x7F;
        int code = (status >> 8) & 0xFF;
        if (signal == 0 && code == 0)
            return null;
        string said = File.Exists(_error) ? FirstLine(_error) : "";
        string end = signal != 0 ? $"died of signal {signal}" : $"ended with exit code {code}";
        return said.Length == 0 ? end : $"{end}: {said}";
    }

    private static string FirstLine(string file) =>
        Cli.Output.Terminal.OneLine(File.ReadLines(file, Encoding.UTF8).FirstOrDefault() ?? "");

    /// <summary>Returns when the process has ended, and leaves it to be reaped: until then its pid is nobody else's.</summary>
    private static void WaitForExit(int pid)
    {
        byte* information = stackalloc byte[128];
        while (waitid(IdIsPid, pid, information, Exited | LeaveWaitable) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
                throw new IOException($"waitid: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Kills a process that runs too long, or when this one is told to end; never one that was reaped.</summary>
    private sealed class Watchdog : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly Timer _timer;
        private readonly int _pid;
        private bool _stopped;
        private bool _killed;

        public Watchdog(int pid, TimeSpan timeout)
        {
            _pid = pid;
            _timer = new Timer(_ => Kill(), null, timeout, Timeout.InfiniteTimeSpan);
            AppDomain.CurrentDomain.ProcessExit += OnExit;
        }

        /// <summary>Whether it had to kill. The process has not been reaped yet.</summary>
        public bool Stop()
        {
            lock (_lock)
            {
                _stopped = true;
                return _killed;
            }
        }

        public void Dispose()
        {
            Stop();
            _timer.Dispose();
            AppDomain.CurrentDomain.ProcessExit -= OnExit;
        }

        private void OnExit(object? sender, EventArgs e) => Kill();

        private void Kill()
        {
            lock (_lock)
            {
                if (!_stopped)
                    _killed = kill(_pid, SignalKill) == 0;
            }
        }
    }

    private const int SetChildSubreaper = 36;
    private const int IdIsPid = 1;
    private const int Exited = 4;
    private const int LeaveWaitable = 0x01000000;
    private const int Interrupted = 4;
    private const int SignalKill = 9;

    /// <summary>struct timeval of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeValue
    {
        public long Whole;
        public long Microseconds;

        public readonly double Seconds => Whole + (Microseconds / 1e6);
    }

    /// <summary>struct rusage of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 144)]
    private struct ResourceUsage
    {
        public TimeValue User;
        public TimeValue System;
        public long PeakKiB;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [DllImport("libc", SetLastError = true)]
    private static extern int waitid(int idType, int id, byte* information, int options);

    [DllImport("libc", SetLastError = true)]
    private static extern int wait4(int pid, int* status, int options, ResourceUsage* usage);

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);
}
