using System.Security.Cryptography;
using System.Text;
using RvJit.Cli.Output;
using RvJit.Guest.Linux;
using RvJit.Machine;
using RvJit.Translator;
using RvJit.Translator.Warmup;

namespace RvJit.Cli;

/// <summary>
/// What runs of a program learn for the next run, one file for each program, version of rvjit and set of extensions in a
/// directory that the user names (docs/decisions/0011-warm-up.md). A file is a hint: one that is stale, damaged or made
/// by an enemy is not read or misleads the translator's choice of code, and never stops a run.
/// </summary>
public sealed class TranslationCache
{
    /// <summary>First bytes of every file; the digit is the format.</summary>
    private static ReadOnlySpan<byte> Magic => "RVJWARM1"u8;

    private readonly byte[] _key;
    private readonly string _path;
    private byte[] _before = [];

    private TranslationCache(string directory, byte[] key)
    {
        _key = key;
        _path = Path.Combine(directory, Convert.ToHexStringLower(key) + ".warm");
    }

    /// <summary>Tells the translator what earlier runs learnt, and writes what this one has learnt when the process ends.</summary>
    public static void Attach(string directory, string program, LinuxProcess process, Engine engine)
    {
        if (KeyOf(program, process.Options.Extensions) is not { } key)
            return;
        var cache = new TranslationCache(directory, key);
        (ulong start, ulong end) = process.Image;
        engine.Foresee(process.World, cache.Read(end - start) ?? CodeHints.None, start, end);
        process.OnExit(() => cache.Write(process.World));
    }

    /// <summary>Everything that the file's contents depend on.</summary>
    private static byte[]? KeyOf(string program, ExtensionSet extensions)
    {
        try
        {
            using FileStream file = File.OpenRead(program);
            byte[] contents = SHA256.HashData(file);
            return SHA256.HashData([.. contents, .. Encoding.UTF8.GetBytes($"{CommandLine.Version}\n{extensions}")]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Warning($"--cache: {program} cannot be read again: {e.Message}");
            return null;
        }
    }

    private CodeHints? Read(ulong imageBytes)
    {
        try
        {
            // Only regular files have a length; opening a pipe would wait for its writer.
            var file = new FileInfo(_path);
            int header = Magic.Length + _key.Length;
            if (!file.Exists || file.Length <= header || file.Length > header + CodeHints.MostBytes)
                return null;
            byte[] bytes = File.ReadAllBytes(_path);
            ReadOnlySpan<byte> all = bytes;
            if (bytes.Length <= header || !all.StartsWith(Magic) || !all[Magic.Length..header].SequenceEqual(_key))
                return null;
            _before = bytes;
            return CodeHints.TryRead(all[header..], imageBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Warning($"--cache: {_path} cannot be read: {e.Message}");
            return null;
        }
    }

    /// <summary>Under another name first, so that a reader never sees half of it.</summary>
    private void Write(World world)
    {
        if (Engine.Learnt(world) is not { Entries.Count: > 0 } learnt)
            return;
        byte[] bytes = [.. Magic, .. _key, .. learnt.ToBytes()];
        if (bytes.AsSpan().SequenceEqual(_before))
            return;
        string unfinished = $"{_path}.{Environment.ProcessId}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.WriteAllBytes(unfinished, bytes);
            File.Move(unfinished, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Warning($"--cache: {_path} cannot be written: {e.Message}");
        }
    }
}
