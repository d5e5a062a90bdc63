using System.Reflection;
using NUnit.Framework;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Tests.Isa;

public sealed class KernelContractTests
{
    /// <summary>The ahead-of-time compiler leaves out every method that calls a static member's default implementation.</summary>
    [Test]
    public void KernelsInheritNoDefaults()
    {
        string[] defaults =
        [
            .. typeof(IBinaryKernel).Assembly.GetTypes()
                .Where(type => type.IsInterface && type.Namespace == typeof(IBinaryKernel).Namespace)
                .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public))
                .Where(method => !method.IsAbstract)
                .Select(method => $"{method.DeclaringType!.Name}.{method.Name}"),
        ];
        Assert.That(defaults, Is.Empty);
    }
}
