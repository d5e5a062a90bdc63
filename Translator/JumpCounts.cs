namespace RvJit.Translator;

/// <summary>How often each target was seen. They are few: no dictionary of numbers, whose code would be compiled at the first region.</summary>
internal sealed class JumpCounts
{
    private readonly List<JumpCount> _counts = [];

    private sealed class JumpCount(ulong target)
    {
        public ulong Target => target;

        public int Seen { get; set; }
    }

    public void Add(ulong target)
    {
        JumpCount? count = _counts.Find(c => c.Target == target);
        if (count is null)
            _counts.Add(count = new JumpCount(target));
        count.Seen++;
    }

    /// <summary>Of those that were seen as often, the lowest first.</summary>
    public ulong[] MostFrequentFirst()
    {
        _counts.Sort((a, b) => a.Seen != b.Seen ? b.Seen.CompareTo(a.Seen) : a.Target.CompareTo(b.Target));
        ulong[] targets = new ulong[_counts.Count];
        for (int k = 0; k < targets.Length; k++)
            targets[k] = _counts[k].Target;
        return targets;
    }
}
