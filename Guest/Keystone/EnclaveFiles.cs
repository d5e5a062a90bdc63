using RvJit.Monitor.EdgeCalls;
using RvJit.Monitor.EdgeCalls.Host;

namespace RvJit.Guest.Keystone;

/// <summary>An enclave to be run without a host program of its own.</summary>
public sealed record EnclaveFiles
{
    /// <summary>Path of the eapp, for people.</summary>
    public required string Name { get; init; }

    public required byte[] Eapp { get; init; }

    public required byte[] Runtime { get; init; }

    public required byte[] Loader { get; init; }

    /// <summary>Bytes that the eapp may use beyond its own file.</summary>
    public ulong FreeMemory { get; init; } = 16 << 20;

    /// <summary>Bytes of the buffer that host and enclave share.</summary>
    public ulong UtmSize { get; init; } = 1 << 20;

    /// <summary>What the host answers to edge call GET_STRING.</summary>
    public string Text { get; init; } = "";

    /// <summary>Edge calls beside the standard ones, by id: argument to result, at most what the shared buffer holds.</summary>
    public IReadOnlyDictionary<ulong, Func<byte[], byte[]>> Calls { get; init; } = new Dictionary<ulong, Func<byte[], byte[]>>();

    /// <summary>Lanes for asynchronous edge calls; null: the enclave gets none.</summary>
    public EdgeCallShape? EdgeCalls { get; init; }

    /// <summary>Given the host's side of asynchronous edge calls before the enclave runs: registers services, and keeps it to call.</summary>
    public Action<EdgeCallHost>? Connect { get; init; }

    /// <summary>Told each attestation report that the eapp hands out by edge call COPY_REPORT.</summary>
    public Action<byte[]>? ReportCopied { get; init; }
}
