using System.Collections.Immutable;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx.Verify;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>A document as a job holds it, or what is wrong with it.</summary>
/// <param name="Document">Its program by the hash of its canonical text, each buffer with its size, and how it is verified.</param>
/// <param name="Class">How far it can be verified.</param>
/// <param name="Errors">None, or no document.</param>
public sealed record ResolvedDocument(JobDocument? Document, string? Class, ImmutableArray<DocumentError> Errors);

/// <summary>Checks what a document alone cannot tell: its program, its content, and whether they fit its steps.</summary>
public sealed class DocumentResolution(ProgramLibrary programs, JobClasses classes, ContentStore content)
{
    /// <summary>Resolves a document: its program by the hash of its canonical text, each buffer with its size.</summary>
    public async Task<ResolvedDocument> ResolveAsync(AccountId account, JobDocument document, CancellationToken cancellation)
    {
        var errors = ImmutableArray.CreateBuilder<DocumentError>();
        var (program, programErrors) = await programs.ResolveAsync(account, document.Program, cancellation);
        errors.AddRange(programErrors);
        var buffers = ImmutableArray.CreateBuilder<BufferSpec>();
        foreach (var buffer in document.Buffers) buffers.Add(await SizeAsync(account, buffer, errors, cancellation));
        var resolved = document with { Buffers = buffers.ToImmutable() };
        resolved = resolved with
        {
            Requires = resolved.Requires with { MemoryBytes = Math.Max(resolved.Requires.MemoryBytes, resolved.BufferBytes) },
        };
        CheckSizes(resolved, errors);
        if (program is not null)
        {
            resolved = resolved with { Program = new ProgramSource(program.Hash, null) };
            errors.AddRange(LaunchCheck.Check(resolved, program.Kernels));
        }

        if (errors.Count > 0) return new ResolvedDocument(null, null, errors.ToImmutable());
        var found = await classes.FindAsync(resolved, document.Program, cancellation);
        var (holds, refusal) = found.Decide(document.Verification, new LaunchList(resolved).Count);
        return refusal is null
            ? new ResolvedDocument(resolved with { Verification = holds }, found.Class.Word(), [])
            : new ResolvedDocument(null, null, [new DocumentError("$.verification", refusal)]);
    }

    private async Task<BufferSpec> SizeAsync(
        AccountId account, BufferSpec buffer, ImmutableArray<DocumentError>.Builder errors, CancellationToken cancellation)
    {
        if (buffer.Content is not { } hash) return buffer;
        var path = $"$.buffers.{buffer.Name}";
        var bytes = await content.FindBytesAsync(account, hash, cancellation);
        if (bytes is null)
            errors.Add(new DocumentError($"{path}.content", $"unknown content {hash}: upload it first with PUT /api/content/{hash.Hex}"));
        else if (buffer.Bytes != 0 && buffer.Bytes != bytes)
            errors.Add(new DocumentError($"{path}.bytes", $"is {buffer.Bytes}, but its content has {bytes} bytes: leave it out, or correct it"));
        return buffer with { Bytes = bytes ?? 0 };
    }

    private static void CheckSizes(JobDocument document, ImmutableArray<DocumentError>.Builder errors)
    {
        var outputs = document.Buffers.Where(buffer => buffer.IsResult).Sum(buffer => buffer.Bytes);
        if (outputs > JobLimits.OutputBytes)
            errors.Add(new DocumentError("$.buffers", $"outputs have {outputs} bytes together; at most {JobLimits.OutputBytes} are allowed"));
        for (var i = 0; i < document.Steps.Length; i++)
        {
            for (var k = 0; k < document.Steps[i].Arguments.Length; k++)
            {
                var argument = document.Steps[i].Arguments[k];
                if (argument.Buffer is { } name && document.FindBuffer(name) is { Bytes: > 0 } buffer && argument.Offset >= buffer.Bytes)
                    errors.Add(new DocumentError($"$.steps[{i}].arguments[{k}].offset", $"is {argument.Offset}; buffer '{name}' has {buffer.Bytes} bytes"));
            }
        }

        var length = JobDocumentWriter.Write(document with { Program = new ProgramSource(null, null) }).Length;
        if (length > JobLimits.DocumentBytes)
            errors.Add(new DocumentError("$", $"has {length} bytes without its program; at most {JobLimits.DocumentBytes} are allowed: put large arguments into a buffer"));
    }
}
