using System.CommandLine;
using System.CommandLine.Parsing;

namespace RvJit.Cli.Commands;

/// <summary><c>rvjit run [options] PROGRAM ARGS...</c>: the guest's exit status becomes rvjit's.</summary>
public static class RunCommand
{
    public static Command Create()
    {
        var program = new Argument<string[]>("PROGRAM")
        {
            Description = "The program and its arguments; options of rvjit stand before it.",
            Arity = ArgumentArity.OneOrMore,
        };
        var strace = new Option<bool>("--strace")
        {
            Description = "Print every system call and signal to standard error.",
            Arity = ArgumentArity.Zero,
        };
        var root = new Option<string>("--root")
        {
            Description = "Host directory that the program sees as / (default: the host's own).",
            HelpName = "DIR",
        };
        var set = new Option<string[]>("--env")
        {
            Description = "Set a variable in the program's environment, which is otherwise rvjit's own. Repeatable.",
            HelpName = "NAME=VALUE",
        };
        var unset = new Option<string[]>("--unset")
        {
            Description = "Remove a variable from the program's environment. Repeatable.",
            HelpName = "NAME",
        };
        set.Validators.Add(CheckAssignments);
        var execution = new ExecutionOptions();
        var command = new Command("run", "Run a riscv64 Linux program; its exit status becomes rvjit's.")
        {
            program, strace, root, set, unset,
        };
        execution.AddTo(command);
        command.SetAction(result =>
        {
            string[] words = result.GetRequiredValue(program);
            Console.WriteLine(string.Join(" ", words) + execution.Tier(result) + execution.Statistics(result));
            return 0;
        });
        return command;
    }

    private static void CheckAssignments(OptionResult result)
    {
        foreach (Token token in result.Tokens)
        {
            if (token.Value.IndexOf('=') <= 0)
                result.AddError($"--env {token.Value} is not NAME=VALUE; to remove a variable say --unset {token.Value}");
        }
    }
}
