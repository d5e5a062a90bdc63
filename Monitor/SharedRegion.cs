using RvJit.Machine;

namespace RvJit.Monitor;

/// <summary>
/// Memory that enclaves share and nobody else reaches, the operating system least of all: the PMP register of the region
/// grants it on a hart while an enclave is there that has a right to it. Guarded by the monitor's lock.
/// </summary>
/// <param name="address">Guest physical, its number for those who ask.</param>
/// <param name="size">Bytes, a power of two.</param>
/// <param name="pmp">The PMP region.</param>
/// <param name="owner">Who made it, or whom it was given to.</param>
internal sealed class SharedRegion(ulong address, ulong size, int pmp, Enclave owner)
{
    private readonly Dictionary<Enclave, Access> _grants = [];

    public ulong Address { get; } = address;

    public ulong Size { get; } = size;

    public int Pmp { get; } = pmp;

    public Enclave Owner { get; private set; } = owner;

    /// <summary>Rights are as they will always be.</summary>
    public bool Locked { get; set; }

    /// <summary>What an enclave may do; nothing outside of enclaves.</summary>
    public Access AccessOf(Enclave? enclave) =>
        enclave is null ? Access.None : enclave == Owner ? Access.ReadWrite : _grants.GetValueOrDefault(enclave);

    public void Grant(Enclave enclave, Access access) => _grants[enclave] = access;

    public void Forget(Enclave enclave) => _grants.Remove(enclave);

    /// <summary>Another owner; the old one keeps nothing.</summary>
    public void Transfer(Enclave enclave)
    {
        _grants.Remove(enclave);
        Owner = enclave;
    }
}
