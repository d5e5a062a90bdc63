using System.Diagnostics;
using System.Runtime.InteropServices;
using RvJit.Fuzz.Execution;
using RvJit.Fuzz.Guest;
using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz.Server;

/// <summary>Executes cases in one qemu-riscv64 process after the other; a new one is started when one hangs or dies.</summary>
internal sealed class QemuExecutor : IExecutor
{
    private readonly string _qemu;
    private readonly string _cpu;
    private readonly TimeSpan _limit;
    private readonly string _program;
    private readonly byte[] _request = new byte[ServerProgram.RequestBytes];
    private Process? _process;
    private int _codeBytes;

    /// <param name="qemu">Path of qemu-riscv64.</param>
    /// <param name="instructions">What its processor has.</param>
    /// <param name="limit">Longest time for one case.</param>
    public QemuExecutor(string qemu, InstructionSet instructions, TimeSpan limit)
    {
        _qemu = qemu;
        _cpu = CpuOf(instructions);
        _limit = limit;
        _program = Path.Combine(Path.GetTempPath(), $"rvjit-fuzz-{Environment.ProcessId}-{Guid.NewGuid():n}");
        File.WriteAllBytes(_program, Executable());
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(_program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            if (Run(new TestCase([], new MachineState())) is { Failure: { } failure })
                throw new IOException($"{qemu} -cpu {_cpu} runs nothing: {failure}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name => "qemu";

    /// <summary>A processor of exactly these extensions, so that an instruction that we lack is illegal there too.</summary>
    private static string CpuOf(InstructionSet instructions) => "rv64i" + string.Concat(instructions.Extensions.Members
        .Where(extension => extension is { Kind: ExtensionKind.Unprivileged, Name: not "i" }).Select(extension => $",{extension.Name}=true"));

    public Outcome Run(TestCase test) => Run(test, withMemory: true);

    /// <param name="test">What to run.</param>
    /// <param name="withMemory">Whether to send and fetch memory; what the case before left is there otherwise.</param>
    public Outcome Run(TestCase test, bool withMemory)
    {
        Process process = _process ??= Start();
        using var timer = new Timer(_ => process.Kill(), null, _limit, Timeout.InfiniteTimeSpan);
        try
        {
            Send(process.StandardInput.BaseStream, test, withMemory);
            return Receive(process.StandardOutput.BaseStream, withMemory);
        }
        catch (IOException)
        {
            Dismiss();
            return Outcome.Failed("no end in time");
        }
    }

    public void Dispose()
    {
        Dismiss();
        File.Delete(_program);
    }

    private static byte[] Executable()
    {
        byte[] breakpoints = Layout.Padded([], Layout.CodeBytes);
        const SegmentRights ReadWrite = SegmentRights.Read | SegmentRights.Write;
        byte[] server = ServerProgram.Assemble();
        return ElfWriter.Write(Layout.Server,
        [
            new Segment(Layout.ServerData, [], Layout.ServerDataBytes, ReadWrite),
            new Segment(Layout.Server, server, server.Length, SegmentRights.Read | SegmentRights.Execute),
            new Segment(Layout.Code, breakpoints, breakpoints.Length, ReadWrite | SegmentRights.Execute),
            new Segment(Layout.Data, [], Layout.DataBytes, ReadWrite),
            new Segment(Layout.Pool, new byte[Layout.PoolBytes], Layout.PoolBytes, SegmentRights.Read),
        ]);
    }

    private Process Start()
    {
        _codeBytes = 0;
        return Process.Start(new ProcessStartInfo(_qemu, ["-cpu", _cpu, _program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    private void Dismiss()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _process = null;
    }

    private void Send(Stream to, TestCase test, bool withMemory)
    {
        // What the case before left of its code goes.
        int codeBytes = Math.Max(_codeBytes, test.Image.Length);
        _codeBytes = test.Image.Length;
        byte[] code = Layout.Padded(test.Image, codeBytes);

        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(_request.AsSpan());
        words[0] = (ulong)codeBytes;
        words[1] = withMemory ? ServerProgram.WithMemory : 0;
        test.Initial.X.CopyTo(words[2..]);
        test.Initial.F.CopyTo(words[34..]);
        words[66] = test.Initial.Fcsr;
        to.Write(_request);
        to.Write(code);
        if (withMemory)
        {
            to.Write(test.Initial.Data);
            to.Write(test.Initial.Pool);
            to.Write(test.Initial.Top);
        }

        to.Flush();
    }

    private static Outcome Receive(Stream from, bool withMemory)
    {
        var stops = new List<Stop>();
        byte[] answer = new byte[ServerProgram.StopBytes];
        bool goesOn;
        do
        {
            from.ReadExactly(answer);
            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(answer);
            goesOn = words[2] != 0;
            ulong[] x = words.Slice(3, 32).ToArray();
            ulong pc = x[0];
            x[0] = 0; // the frame has pc in its place
            stops.Add(new Stop((StopSignal)words[0], words[1], pc, x, words.Slice(35, 32).ToArray(), (uint)words[67]));
        }
        while (goesOn);

        byte[] data = new byte[withMemory ? Layout.DataBytes : 0];
        byte[] top = new byte[withMemory ? Layout.TopBytes : 0];
        from.ReadExactly(data);
        from.ReadExactly(top);
        return new Outcome(stops, data, top);
    }
}
