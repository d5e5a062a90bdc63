using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// Threads of the eapp, which upstream does not have: clone as a libc makes threads, futex, and the calls that give the
/// hart away.
/// </summary>
public sealed unsafe partial class EnclaveRuntime
{
    // Linux include/uapi/linux/sched.h.
    private const ulong CloneThreadFlags = 0x100 | 0x800 | 0x10000; // VM, SIGHAND, THREAD
    private const ulong CloneSetTls = 0x80000;
    private const ulong CloneParentSetTid = 0x100000;
    private const ulong CloneChildClearTid = 0x200000;
    private const ulong CloneChildSetTid = 0x1000000;

    // Linux include/uapi/linux/futex.h; the bits of FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME change nothing here.
    private const ulong FutexCommands = 0x7f;
    private const ulong FutexWait = 0;
    private const ulong FutexWake = 1;
    private const ulong FutexRequeue = 3;
    private const ulong FutexCompareRequeue = 4;
    private const ulong FutexWaitBits = 9;
    private const ulong FutexWakeBits = 10;
    private const ulong TimerAbsolute = 1;

    private const int ThreadPointerRegister = 4;

    private static bool IsThreadCall(ulong number) => number
        is LinuxCall.SetTidAddress or LinuxCall.Gettid or LinuxCall.Clone or LinuxCall.Clone3 or LinuxCall.Futex
        or LinuxCall.SchedYield or LinuxCall.Nanosleep or LinuxCall.ClockNanosleep or LinuxCall.Exit;

    private void ServeThreadCall(Hart hart, ulong number, ulong* a)
    {
        switch (number)
        {
            case LinuxCall.SetTidAddress:
                _scheduler.Current.ClearId = a[0];
                Return(hart, (ulong)_scheduler.Current.Id);
                break;
            case LinuxCall.Gettid:
                Return(hart, (ulong)_scheduler.Current.Id);
                break;
            case LinuxCall.Clone:
                Return(hart, (ulong)Clone(hart, a[0], a[1], a[2], a[3], a[4]));
                break;
            case LinuxCall.Futex:
                Futex(hart, a);
                break;
            case LinuxCall.SchedYield:
                a[0] = 0;
                _scheduler.Yield(hart);
                hart.Transitions.Count(TransitionKind.EnclaveSupervisorToUser);
                break;
            case LinuxCall.Nanosleep:
                Sleep(hart, a[0], isAbsolute: false);
                break;
            case LinuxCall.ClockNanosleep:
                Sleep(hart, a[2], (a[1] & TimerAbsolute) != 0);
                break;
            case LinuxCall.Exit when _scheduler.IsAlone:
                _monitor.Exit(hart, a[0]);
                break;
            case LinuxCall.Exit:
                _scheduler.End();
                RunAnother(hart);
                break;
            default:
                Return(hart, unchecked((ulong)RuntimeError.NoSuchCall)); // clone3: a libc has another way then
                break;
        }
    }

    private long Clone(Hart hart, ulong flags, ulong stack, ulong parentId, ulong tls, ulong childId)
    {
        if ((flags & CloneThreadFlags) != CloneThreadFlags)
            return RuntimeError.NoSuchCall; // another process
        EnclaveThread child = _scheduler.Add(hart);
        if (stack != 0)
            child.Context.X[StackRegister] = stack;
        if ((flags & CloneSetTls) != 0)
            child.Context.X[ThreadPointerRegister] = tls;
        if ((flags & CloneChildClearTid) != 0)
            child.ClearId = childId;
        if ((flags & CloneParentSetTid) != 0)
            _space.TryWrite(parentId, child.Id);
        if ((flags & CloneChildSetTid) != 0)
            _space.TryWrite(childId, child.Id);
        return child.Id;
    }

    private void Futex(Hart hart, ulong* a)
    {
        ulong command = a[1] & FutexCommands;
        switch (command)
        {
            case FutexWait or FutexWaitBits:
                long deadline = EnclaveThread.NoDeadline;
                long error = !_space.TryRead(a[0], out uint now) ? RuntimeError.BadAddress
                    : now != (uint)a[2] ? RuntimeError.TryAgain
                    : a[3] != 0 && !TryDeadline(a[3], isAbsolute: command == FutexWaitBits, out deadline) ? RuntimeError.Invalid
                    : 0;
                if (error != 0)
                {
                    Return(hart, (ulong)error);
                    break;
                }

                uint bits = command == FutexWaitBits ? (uint)a[5] : uint.MaxValue;
                Wait(hart, a[0], bits, deadline, RuntimeError.TimedOut);
                break;
            case FutexWake or FutexWakeBits:
                Return(hart, (ulong)_scheduler.Wake(a[0], (int)a[2], command == FutexWakeBits ? (uint)a[5] : uint.MaxValue));
                break;
            case FutexRequeue or FutexCompareRequeue:
                Return(hart, (ulong)Requeue(command, a));
                break;
            default:
                Return(hart, unchecked((ulong)RuntimeError.NoSuchCall));
                break;
        }
    }

    private long Requeue(ulong command, ulong* a)
    {
        if (!_space.TryRead(a[0], out uint now))
            return RuntimeError.BadAddress;
        if (command == FutexCompareRequeue && now != (uint)a[5])
            return RuntimeError.TryAgain;
        int woken = _scheduler.Wake(a[0], (int)a[2], uint.MaxValue);
        return woken + _scheduler.Requeue(a[0], a[4], (int)a[3]);
    }

    private void Sleep(Hart hart, ulong time, bool isAbsolute)
    {
        if (TryDeadline(time, isAbsolute, out long deadline))
            Wait(hart, 0, 0, deadline, 0);
        else
            Return(hart, unchecked((ulong)RuntimeError.Invalid));
    }

    private bool TryDeadline(ulong time, bool isAbsolute, out long deadline)
    {
        if (!EnclaveClock.TryRead(_space, time, out deadline))
            return false;
        long now = EnclaveClock.Now;
        if (!isAbsolute)
            deadline = deadline > EnclaveThread.NoDeadline - now ? EnclaveThread.NoDeadline : now + deadline;
        return true;
    }

    /// <summary>The current thread waits; its call returns <paramref name="late"/> when the deadline comes first.</summary>
    private void Wait(Hart hart, ulong address, uint bits, long deadline, long late)
    {
        hart.State->X[A0] = (ulong)late;
        _scheduler.Wait(hart, address, bits, deadline);
        RunAnother(hart);
    }

    /// <summary>The hart goes to another thread of the eapp, as soon as one is ready; to the host while somebody there wants it.</summary>
    private void RunAnother(Hart hart)
    {
        while (!_scheduler.TryRunNext(hart))
        {
            if (!_scheduler.TryIdle(hart))
            {
                Print("[runtime] every thread of the eapp waits for another one");
                _monitor.Exit(hart, Failed);
                return;
            }

            hart.TryTake(HartRequests.Timer);
            if (hart.Requests != HartRequests.None)
            {
                _pending = Pending.Idle;
                _monitor.Stop(hart, StopRequest.TimerInterrupt);
                return;
            }
        }

        hart.Transitions.Count(TransitionKind.EnclaveSupervisorToUser);
    }
}
