namespace RvJit.Perf.Compare;

/// <summary>What limits a program; means are taken within a group, too.</summary>
public enum ProgramGroup
{
    Integer,
    FloatingPoint,

    /// <summary>System calls, atomics, threads.</summary>
    System,

    /// <summary>Over before anything is hot: starting and reaching code for the first time. Judged row by row, by wall time.</summary>
    Short,
}

/// <summary>One row: a prebuilt guest program with its arguments.</summary>
/// <param name="Name">As it was asked for and is printed.</param>
/// <param name="File">Name in Guest/Programs/prebuilt, and of the native twin.</param>
public sealed record GuestProgram(string Name, string File, IReadOnlyList<string> Arguments, ProgramGroup Group);
