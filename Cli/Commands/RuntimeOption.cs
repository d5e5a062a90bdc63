using System.CommandLine;
using System.CommandLine.Parsing;
using RvJit.Monitor.Runtime;

namespace RvJit.Cli.Commands;

/// <summary>Who owns S-mode inside enclaves.</summary>
public enum RuntimeChoice
{
    /// <summary>A native service that does what Keystone's runtime does; the files are only measured.</summary>
    Native,

    /// <summary>The loader and the runtime of the host program, as guest code.</summary>
    Guest,
}

/// <summary>The options that say who serves eapps: <c>--runtime</c>, and <c>--runtime-options LIST</c>, what the native enclave runtime offers, whatever the runtime file was built for.</summary>
public static class RuntimeOption
{
    public static Option<Given<RuntimeChoice>> CreateChoice() => new("--runtime")
    {
        Description = "Who is an enclave's S-mode: native (default), rvjit itself, or guest, the loader and runtime files that the host program gives.",
        HelpName = "native|guest",
        CustomParser = result => ParseRuntime(result),
    };

    public static Option<Given<RuntimeFeatures>> Create() => new("--runtime-options")
    {
        Description = $"What the enclave runtime offers, instead of what its file was built for: a list of {RuntimeFeatures.Names}.",
        HelpName = "LIST",
        CustomParser = result => Parse(result),
    };

    private static RuntimeFeatures Parse(ArgumentResult result)
    {
        string list = result.Tokens[^1].Value;
        if (RuntimeFeatures.Parse(list, out RuntimeFeatures features) is { } unknown)
            result.AddError($"--runtime-options {Output.Terminal.OneLine(list)}: there is no '{Output.Terminal.OneLine(unknown)}'; say some of {RuntimeFeatures.Names}");
        return features;
    }

    private static RuntimeChoice ParseRuntime(ArgumentResult result)
    {
        switch (result.Tokens[^1].Value)
        {
            case "native":
                return RuntimeChoice.Native;
            case "guest":
                return RuntimeChoice.Guest;
            case var other:
                result.AddError($"unknown runtime '{other}': say --runtime=native or --runtime=guest");
                return default;
        }
    }
}
