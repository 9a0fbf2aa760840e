using System.Collections.Immutable;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>Checks what a document alone cannot tell: its program, its content, and whether they fit its steps.</summary>
public sealed class DocumentResolution(ProgramLibrary programs, ContentStore content)
{
    /// <summary>Resolves a document: its program by the hash of its canonical text, each buffer with its size.</summary>
    public async Task<ReadResult<JobDocument>> ResolveAsync(AccountId account, JobDocument document, CancellationToken cancellation)
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

        return errors.Count == 0 ? new ReadResult<JobDocument>(resolved, []) : new ReadResult<JobDocument>(null, errors.ToImmutable());
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
