using NUnit.Framework;

namespace RvJit.Tests;

public class SkeletonTests
{
    [Test]
    public void GuestCodeHasAFullPageTable() => Assert.That(Environment.Is64BitProcess, Is.True);
}
