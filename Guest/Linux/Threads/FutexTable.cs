using RvJit.Machine;

namespace RvJit.Guest.Linux.Threads;

/// <summary>
/// Who sleeps on which guest word. Protocol: a waiter takes the bucket of the word, compares the word, and enqueues
/// itself under that lock, so a waker, which changed the word before and takes the same lock after, sees either a waiter
/// or a changed word. A waker marks the waiter woken and unparks its thread. A waiter that gives up (signal, deadline)
/// takes the lock of the bucket it is in now (requeueing moves it) and, if it was woken meanwhile, was woken.
/// Private and shared futexes are one kind: the key is the guest address, and one process is all there is.
/// </summary>
internal sealed unsafe class FutexTable
{
    private const int BucketCount = 64;
    private const int HashShift = 58;

    private readonly Bucket[] _buckets = new Bucket[BucketCount];

    public FutexTable()
    {
        for (int i = 0; i < BucketCount; i++)
            _buckets[i] = new Bucket();
    }

    /// <summary>0 when woken, or a negated errno: EAGAIN, ETIMEDOUT, EFAULT, EINTR (as ERESTARTSYS).</summary>
    public long Wait(LinuxThread thread, ulong address, uint expected, uint bits, long deadline)
    {
        if (bits == 0 || (address & 3) != 0)
            return -Errno.EINVAL;
        var waiter = new Waiter(thread, address, bits);
        Bucket bucket = BucketOf(address);
        lock (bucket)
        {
            byte* word = thread.World.TryPointer(address, sizeof(uint), Access.Read);
            if (word == null)
                return -Errno.EFAULT;
            if (Volatile.Read(ref *(uint*)word) != expected)
                return -Errno.EAGAIN;
            waiter.Bucket = bucket;
            bucket.Waiters.AddLast(waiter.Node);
        }

        while (!waiter.Woken)
        {
            if (thread.Interrupted)
                return Withdraw(waiter) ? deadline == Parker.Forever ? -Errno.ERESTARTSYS : -Errno.ERESTART_RESTARTBLOCK : 0;
            if (!thread.Parker.Park(deadline))
                return Withdraw(waiter) ? -Errno.ETIMEDOUT : 0;
        }

        return 0;
    }

    /// <summary>Wakes at most so many waiters whose bits match; how many.</summary>
    public long Wake(ulong address, int count, uint bits)
    {
        Bucket bucket = BucketOf(address);
        lock (bucket)
            return WakeLocked(bucket, address, count, bits);
    }

    /// <summary>
    /// FUTEX_REQUEUE and FUTEX_CMP_REQUEUE: wakes some waiters of one word and lets the next ones wait for another word.
    /// </summary>
    public long Requeue(World world, ulong from, int wake, int move, ulong to, uint? expected)
    {
        if (wake < 0 || move < 0 || ((from | to) & 3) != 0)
            return -Errno.EINVAL;
        Bucket source = BucketOf(from);
        Bucket target = BucketOf(to);
        using var both = new TwoBuckets(source, target);
        byte* word = world.TryPointer(from, sizeof(uint), Access.Read);
        if (word == null)
            return -Errno.EFAULT;
        if (expected is { } value && Volatile.Read(ref *(uint*)word) != value)
            return -Errno.EAGAIN;
        long woken = WakeLocked(source, from, wake, uint.MaxValue);
        long moved = 0;
        LinkedListNode<Waiter>? next;
        for (LinkedListNode<Waiter>? n = source.Waiters.First; n is not null && moved < move; n = next)
        {
            next = n.Next;
            if (n.Value.Address != from || from == to)
                continue;
            source.Waiters.Remove(n);
            n.Value.Address = to;
            n.Value.Bucket = target;
            target.Waiters.AddLast(n);
            moved++;
        }

        return woken + moved;
    }

    /// <summary>
    /// FUTEX_WAKE_OP (futex(2)): changes the second word atomically, wakes waiters of the first and, if the second's old
    /// value compares true, waiters of the second.
    /// </summary>
    public long WakeOperation(World world, ulong first, int wakeFirst, ulong second, int wakeSecond, uint encoded)
    {
        if (((first | second) & 3) != 0)
            return -Errno.EINVAL;
        Bucket a = BucketOf(first);
        Bucket b = BucketOf(second);
        using var both = new TwoBuckets(a, b);
        byte* word = world.TryPointer(second, sizeof(uint), Access.ReadWrite);
        if (word == null)
            return -Errno.EFAULT;
        if (!TryApply(ref *(int*)word, encoded, out bool holds))
            return -Errno.ENOSYS;
        long woken = WakeLocked(a, first, wakeFirst, uint.MaxValue);
        if (holds)
            woken += WakeLocked(b, second, wakeSecond, uint.MaxValue);
        return woken;
    }

    private static bool TryApply(ref int word, uint encoded, out bool holds)
    {
        const uint ShiftArgument = 8; // FUTEX_OP_OPARG_SHIFT
        uint operation = (encoded >> 28) & 7;
        uint comparison = (encoded >> 24) & 15;
        int argument = (int)(encoded << 8) >> 20;
        int compared = (int)(encoded << 20) >> 20;
        if (((encoded >> 28) & ShiftArgument) != 0)
            argument = 1 << (argument & 31);
        holds = false;
        int old;
        while (true)
        {
            old = Volatile.Read(ref word);
            int? changed = operation switch
            {
                0 => argument,
                1 => old + argument,
                2 => old | argument,
                3 => old & ~argument,
                4 => old ^ argument,
                _ => null,
            };
            if (changed is not { } value)
                return false;
            if (Interlocked.CompareExchange(ref word, value, old) == old)
                break;
        }

        bool? result = comparison switch
        {
            0 => old == compared,
            1 => old != compared,
            2 => old < compared,
            3 => old <= compared,
            4 => old > compared,
            5 => old >= compared,
            _ => null,
        };
        holds = result ?? false;
        return result is not null;
    }

    private static long WakeLocked(Bucket bucket, ulong address, int count, uint bits)
    {
        long woken = 0;
        LinkedListNode<Waiter>? next;
        for (LinkedListNode<Waiter>? n = bucket.Waiters.First; n is not null && woken < count; n = next)
        {
            next = n.Next;
            Waiter waiter = n.Value;
            if (waiter.Address != address || (waiter.Bits & bits) == 0)
                continue;
            bucket.Waiters.Remove(n);
            waiter.Woken = true;
            waiter.Thread.Parker.Unpark();
            woken++;
        }

        return woken;
    }

    /// <summary>Takes a waiter out of its queue; false when it had been woken already.</summary>
    private static bool Withdraw(Waiter waiter)
    {
        while (true)
        {
            Bucket bucket = waiter.Bucket;
            lock (bucket)
            {
                if (waiter.Woken)
                    return false;
                if (waiter.Bucket != bucket)
                    continue;
                bucket.Waiters.Remove(waiter.Node);
                return true;
            }
        }
    }

    private Bucket BucketOf(ulong address) => _buckets[(address * 0x9E3779B97F4A7C15) >> HashShift];

    private sealed class Bucket
    {
        public LinkedList<Waiter> Waiters { get; } = [];

        public int Order { get; } = Interlocked.Increment(ref s_orders);

        private static int s_orders;
    }

    private sealed class Waiter
    {
        private volatile bool _woken;
        private volatile Bucket? _bucket;

        public Waiter(LinuxThread thread, ulong address, uint bits)
        {
            Thread = thread;
            Address = address;
            Bits = bits;
            Node = new LinkedListNode<Waiter>(this);
        }

        public LinuxThread Thread { get; }

        public ulong Address { get; set; }

        public uint Bits { get; }

        public LinkedListNode<Waiter> Node { get; }

        public bool Woken
        {
            get => _woken;
            set => _woken = value;
        }

        public Bucket Bucket
        {
            get => _bucket!;
            set => _bucket = value;
        }
    }

    /// <summary>The locks of two buckets, taken in one order everywhere.</summary>
    private readonly ref struct TwoBuckets
    {
        private readonly Bucket _first;
        private readonly Bucket _second;

        public TwoBuckets(Bucket a, Bucket b)
        {
            (_first, _second) = a.Order < b.Order ? (a, b) : (b, a);
            System.Threading.Monitor.Enter(_first);
            System.Threading.Monitor.Enter(_second);
        }

        public void Dispose()
        {
            System.Threading.Monitor.Exit(_second);
            System.Threading.Monitor.Exit(_first);
        }
    }
}
