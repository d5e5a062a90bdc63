namespace RvJit.Translator.Regions;

/// <summary>Union-find over the numbers from 0.</summary>
internal sealed class DisjointSets
{
    private readonly int[] _parents;

    public DisjointSets(int count)
    {
        _parents = new int[count];
        for (int n = 0; n < count; n++)
            _parents[n] = n;
    }

    public int Find(int n)
    {
        while (_parents[n] != n)
            n = _parents[n] = _parents[_parents[n]];
        return n;
    }

    public void Union(int a, int b) => _parents[Find(a)] = Find(b);
}
