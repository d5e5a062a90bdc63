namespace RvJit.Cli;

/// <summary>What the user gave cannot be used. The message is one line that says what is wrong and how to mend it.</summary>
public sealed class BadInputException(string message) : Exception(message);
