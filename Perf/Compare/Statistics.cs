namespace RvJit.Perf.Compare;

/// <summary>The harness's own arithmetic.</summary>
public static class Statistics
{
    /// <summary>The middle value; of an even number, the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
            throw new ArgumentException("no values", nameof(values));
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The n-th root of the product; null of nothing.</summary>
    public static double? GeometricMean(IEnumerable<double> ratios)
    {
        double sum = 0;
        int count = 0;
        foreach (double ratio in ratios)
        {
            if (!double.IsFinite(ratio) || ratio <= 0)
                throw new ArgumentOutOfRangeException(nameof(ratios), $"{ratio} is not a ratio");
            sum += Math.Log(ratio);
            count++;
        }

        return count == 0 ? null : Math.Exp(sum / count);
    }

    /// <summary>How far the values lie apart, as a part of their median.</summary>
    public static double Spread(IReadOnlyCollection<double> values)
    {
        double median = Median(values);
        return median == 0 ? 0 : (values.Max() - values.Min()) / median;
    }
}
