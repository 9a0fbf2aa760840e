using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Core.Documents;
using Broker.Core.Jobs;

namespace Broker.Cli.Submit;

/// <summary>A job document as it will be sent, and the content that must be uploaded before.</summary>
/// <param name="Document">The document; its content is named by hash.</param>
/// <param name="Contents">The content that lies on this machine.</param>
/// <param name="Kernels">The program's kernels; null where the program is not on this machine, or cannot be read here.</param>
internal sealed record JobDraft(JsonObject Document, IReadOnlyList<LocalContent> Contents, IReadOnlyList<KernelShape>? Kernels)
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true };

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(Document.ToJsonString(Compact));

    public string ToText() => Document.ToJsonString(Indented);

    /// <summary>Finds what the broker would refuse, before anything is uploaded.</summary>
    /// <remarks>What this version of the language has no support for is left to the broker, which may be newer; beside another error it is named as well.</remarks>
    /// <exception cref="CommandException">Names every error.</exception>
    public void Check()
    {
        var read = JobDocumentReader.Read(ToBytes());
        var errors = read.Errors.ToList();
        if (read.Value is { } document && Kernels is not null) errors.AddRange(LaunchCheck.Check(document, Kernels));
        if (!errors.Exists(error => error.Supported)) return;
        throw new CommandException(
            ExitCode.BadInput, $"The job document is not right:{string.Concat(errors.Select(error => $"{Environment.NewLine}  {error}"))}");
    }
}
