using NUnit.Framework;
using RvJit.Cli.Output;

namespace RvJit.Tests.Cli;

/// <summary>Keys of a terminal that belongs to a guest.</summary>
public class EscapeKeysTests
{
    [TestCase("abc", "abc", false)]
    [TestCase("a\u0001xb", "a", true, TestName = "{m}(Ctrl-A x ends the machine)")]
    [TestCase("\u0001\u0001x", "\u0001x", false, TestName = "{m}(Ctrl-A Ctrl-A is one Ctrl-A)")]
    [TestCase("\u0001qx", "x", false, TestName = "{m}(another key after Ctrl-A is lost)")]
    [TestCase("x\u0003", "x\u0003", false, TestName = "{m}(Ctrl-C is the guest's)")]
    public void OnlyTheEscapeIsOurs(string typed, string passed, bool quits)
    {
        var keys = new EscapeKeys();
        string through = "";
        bool quit = false;
        foreach (char key in typed)
        {
            EscapeAction action = keys.Next((byte)key);
            quit |= action == EscapeAction.Quit;
            if (action == EscapeAction.Pass && !quit)
                through += key;
        }

        Assert.That((through, quit), Is.EqualTo((passed, quits)));
    }
}
