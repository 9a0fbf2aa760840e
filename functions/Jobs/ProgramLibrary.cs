using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Ptx;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>A program as jobs refer to it: by the hash of its canonical text.</summary>
/// <param name="Hash">The hash of the canonical text.</param>
/// <param name="Kernels">The kernels that it has.</param>
public sealed record ProgramEntry(ContentHash Hash, ImmutableArray<KernelShape> Kernels);

/// <summary>Turns PTX into canonical programs that workers receive, and refuses what they could not run.</summary>
public sealed class ProgramLibrary(ContentStore content, TimeProvider clock)
{
    private const int MostRemembered = 512;
    private const int MostBytes = 8 << 20;

    /// <summary>How long another instance may have ended an account's right to a text before this one sees it. No job suffers: the canonical text stays.</summary>
    private static readonly TimeSpan RightLife = TimeSpan.FromMinutes(1);

    /// <summary>By the hash of the text as it came: content does not change, so neither does what it means.</summary>
    private readonly ConcurrentDictionary<ContentHash, ProgramEntry> _entries = new();
    private readonly ConcurrentDictionary<(AccountId Account, ContentHash Hash), bool> _granted = new();
    private readonly ConcurrentDictionary<(AccountId Account, ContentHash Hash), DateTimeOffset> _rightsSeen = new();

    /// <summary>Forgets that an account had the right to a text.</summary>
    public void Forget(AccountId account, ContentHash hash) => _rightsSeen.TryRemove((account, hash), out _);

    /// <summary>Finds a document's program, or says what is wrong with it.</summary>
    public async Task<(ProgramEntry? Program, ImmutableArray<DocumentError> Errors)> ResolveAsync(
        AccountId account, ProgramSource source, CancellationToken cancellation)
    {
        BinaryData text;
        if (source.Content is { } hash)
        {
            _entries.TryGetValue(hash, out var known);
            if (known is null || !IsRightFresh(account, hash))
            {
                if (await content.FindBytesAsync(account, hash, cancellation) is not { } bytes)
                    return Refuse("$.program.content", $"unknown content {hash}: upload it first with PUT /api/content/{hash.Hex}");
                if (bytes > MostBytes)
                    return Refuse("$.program.content", $"has {bytes} bytes; a program may have {MostBytes}");
                if (_rightsSeen.Count >= MostRemembered * 16) _rightsSeen.Clear();
                _rightsSeen[(account, hash)] = clock.GetUtcNow();
            }

            if (known is not null) return await GrantAsync(account, known, null, cancellation);
            text = await content.ReadAsync(hash, cancellation);
        }
        else
        {
            text = BinaryData.FromString(source.Ptx!);
            hash = ContentHash.Of(text);
            if (_entries.TryGetValue(hash, out var known)) return await GrantAsync(account, known, null, cancellation);
        }

        var path = source.Content is null ? "$.program.ptx" : "$.program.content";
        if (Canonicalise(text, path, out var canonical, out var kernels) is { IsEmpty: false } errors) return (null, errors);
        var entry = new ProgramEntry(ContentHash.Parse(canonical!.Sha256), kernels);
        if (_entries.Count >= MostRemembered) _entries.Clear();
        _entries[hash] = entry;
        return await GrantAsync(account, entry, BinaryData.FromString(canonical.Text), cancellation);
    }

    private bool IsRightFresh(AccountId account, ContentHash hash) =>
        _rightsSeen.TryGetValue((account, hash), out var seen) && clock.GetUtcNow() - seen < RightLife;

    /// <summary>Stores the canonical text, and gives the account the right to it.</summary>
    private async Task<(ProgramEntry?, ImmutableArray<DocumentError>)> GrantAsync(
        AccountId account, ProgramEntry entry, BinaryData? canonical, CancellationToken cancellation)
    {
        if (_granted.ContainsKey((account, entry.Hash))) return (entry, []);
        canonical ??= await content.ReadAsync(entry.Hash, cancellation);
        await content.KeepAsync(account, entry.Hash, canonical, cancellation);
        if (_granted.Count >= MostRemembered * 16) _granted.Clear();
        _granted[(account, entry.Hash)] = true;
        return (entry, []);
    }

    private static ImmutableArray<DocumentError> Canonicalise(
        BinaryData text, string path, out CanonicalProgram? canonical, out ImmutableArray<KernelShape> kernels)
    {
        canonical = null;
        kernels = [];
        try
        {
            var module = Module.Parse(Encoding.UTF8.GetString(text));
            var unsupported = module.CheckSupported();
            if (unsupported.Count > 0) return Describe(path, unsupported);
            if (module.Kernels.Count == 0) return [new DocumentError(path, "the program has no kernel: an entry is declared with '.entry'")];
            canonical = module.Canonicalise();
            kernels = [.. module.Kernels.Select(Shape)];
            return [];
        }
        catch (PtxException e)
        {
            return Describe(path, e.Errors);
        }
    }

    private static ImmutableArray<DocumentError> Describe(string path, IReadOnlyList<PtxError> errors) =>
        [.. errors.Take(20).Select(error => new DocumentError(path, error.ToString(), error.Kind != PtxErrorKind.NotSupported))];

    private static KernelShape Shape(KernelSignature kernel) => new(
        kernel.Name,
        [.. kernel.Parameters.Select(parameter => new ParameterShape(parameter.Name, parameter.Type, parameter.Bytes))],
        kernel.StaticSharedBytes,
        (kernel.RequiredThreads ?? kernel.MaxThreads) is { } most ? new Dimensions(most.X, most.Y, most.Z) : null);

    private static (ProgramEntry?, ImmutableArray<DocumentError>) Refuse(string path, string message) =>
        (null, [new DocumentError(path, message)]);
}
