using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Core.Jobs;

namespace Broker.Cli.Submit;

/// <summary>Reads a job document from a file, where <c>"@file"</c> may stand for the hash of a file beside it.</summary>
internal sealed class JobFile(string path)
{
    private static readonly JsonDocumentOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };

    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
    private readonly List<LocalContent> _contents = [];
    private IReadOnlyList<KernelShape>? _kernels;

    /// <exception cref="CommandException">The file is missing or is not JSON, or a file that it names is missing.</exception>
    public async Task<JobDraft> ReadAsync(CancellationToken cancellation)
    {
        var document = await ParseAsync(cancellation);
        if (document["program"] is JsonObject program) await ReadProgramAsync(program, cancellation);
        if (document["buffers"] is JsonObject buffers)
        {
            foreach (var buffer in buffers.Select(entry => entry.Value).OfType<JsonObject>())
            {
                if (FileOf(buffer["content"]) is { } file) buffer["content"] = Add(LocalContent.OfFile(file));
            }
        }

        return new JobDraft(document, _contents, _kernels);
    }

    private async Task<JsonObject> ParseAsync(CancellationToken cancellation)
    {
        if (!File.Exists(path)) throw new CommandException(ExitCode.BadInput, $"There is no file '{path}'.");
        try
        {
            return JsonNode.Parse(await File.ReadAllTextAsync(path, cancellation), documentOptions: Options) as JsonObject
                ?? throw new CommandException(ExitCode.BadInput, $"{path} is not a job document: it must be a JSON object.");
        }
        catch (JsonException e)
        {
            throw new CommandException(ExitCode.BadInput, $"{path} is not JSON: {e.Message}", e);
        }
    }

    /// <summary>A program file is uploaded under either name: inline PTX is small, and a file need not be.</summary>
    private async Task ReadProgramAsync(JsonObject program, CancellationToken cancellation)
    {
        foreach (var member in (string[])["content", "ptx"])
        {
            if (FileOf(program[member]) is not { } file) continue;
            var read = await ProgramFile.ReadAsync(file, cancellation);
            _kernels = read.Kernels;
            program.Remove(member);
            program["content"] = Add(read.Content);
        }
    }

    private string? FileOf(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && text.StartsWith('@') ? Path.Combine(_folder, text[1..]) : null;

    private string Add(LocalContent content)
    {
        _contents.Add(content);
        return content.Hash.ToString();
    }
}
