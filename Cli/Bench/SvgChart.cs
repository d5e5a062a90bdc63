using System.Net;
using System.Text;

namespace RvJit.Cli.Bench;

/// <summary>One line of a chart, or one colour of its bars.</summary>
public sealed record ChartSeries(string Name, IReadOnlyList<(string X, double Y)> Points);

/// <summary>
/// Charts as SVG text: the x axis has names in the order given, the y axis is logarithmic, so that a factor is the same
/// distance everywhere.
/// </summary>
public static class SvgChart
{
    private const int Width = 560, Height = 280, Left = 64, Right = 12, Top = 12, Bottom = 40;
    private static readonly string[] _colours = ["#c0392b", "#8e44ad", "#d68910", "#1f77b4", "#148f77", "#566573"];

    public static string Lines(string title, string unit, IReadOnlyList<ChartSeries> series) => Draw(title, unit, series, bars: false);

    public static string Bars(string title, string unit, IReadOnlyList<ChartSeries> series) => Draw(title, unit, series, bars: true);

    private static string Draw(string title, string unit, IReadOnlyList<ChartSeries> series, bool bars)
    {
        var svg = new StringBuilder();
        string[] names = [.. series.SelectMany(s => s.Points).Select(point => point.X).Distinct()];
        double[] values = [.. series.SelectMany(s => s.Points).Select(point => point.Y).Where(y => y > 0)];
        if (values.Length == 0)
            return "";
        double low = Math.Floor(Math.Log10(values.Min()) - (bars ? 0.01 : 0)), high = Math.Max(Math.Ceiling(Math.Log10(values.Max())), low + 1);
        svg.Append($"<figure><figcaption>{WebUtility.HtmlEncode(title)} <small>({WebUtility.HtmlEncode(unit)})</small></figcaption>");
        svg.Append($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\">");
        for (double decade = low; decade <= high; decade++)
        {
            svg.Append($"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(decade):0.#}\" y2=\"{Y(decade):0.#}\" class=\"grid\"/>");
            svg.Append($"<text x=\"{Left - 6}\" y=\"{Y(decade) + 4:0.#}\" text-anchor=\"end\">{Label(Math.Pow(10, decade))}</text>");
        }

        for (int i = 0; i < names.Length; i++)
            svg.Append($"<text x=\"{X(i):0.#}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{WebUtility.HtmlEncode(names[i])}</text>");
        for (int s = 0; s < series.Count; s++)
        {
            string colour = _colours[s % _colours.Length];
            (double X, double Y, string Tip)[] points =
            [
                .. series[s].Points.Where(point => point.Y > 0).Select(point => (X(Array.IndexOf(names, point.X)), Y(Math.Log10(point.Y)),
                    $"{series[s].Name}, {point.X}: {point.Y:0.##} {unit}")),
            ];
            if (!bars && points.Length > 1)
                svg.Append($"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{string.Join(' ', points.Select(p => $"{p.X:0.#},{p.Y:0.#}"))}\"/>");
            double width = Slot() * 0.8 / series.Count;
            foreach ((double x, double y, string tip) in points)
            {
                svg.Append(bars
                    ? $"<rect x=\"{x - (Slot() * 0.4) + (s * width):0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{Height - Bottom - y:0.#}\" fill=\"{colour}\">"
                    : $"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"3\" fill=\"{colour}\">");
                svg.Append($"<title>{WebUtility.HtmlEncode(tip)}</title>{(bars ? "</rect>" : "</circle>")}");
            }
        }

        svg.Append("</svg><p class=\"legend\">");
        for (int s = 0; s < series.Count; s++)
            svg.Append($"<span style=\"color:{_colours[s % _colours.Length]}\">&#9632;</span> {WebUtility.HtmlEncode(series[s].Name)} ");
        return svg.Append("</p></figure>\n").ToString();

        double Slot() => (double)(Width - Left - Right) / names.Length;
        double X(int i) => Left + (Slot() * (i + 0.5));
        double Y(double logarithm) => Height - Bottom - ((logarithm - low) / (high - low) * (Height - Top - Bottom));
    }

    private static string Label(double value) => value switch
    {
        >= 1e9 => $"{value / 1e9:0}G",
        >= 1e6 => $"{value / 1e6:0}M",
        >= 1e3 => $"{value / 1e3:0}k",
        _ => $"{value:0.#####}",
    };
}
