using System.Text.Json;
using Broker.Core.Documents;
using Broker.Core.Verification;

namespace Broker.Cli.Receipts;

/// <summary>Receipts as files.</summary>
internal static class ReceiptFile
{
    /// <exception cref="CommandException">There is no such file, or it is no receipt.</exception>
    public static async Task<Receipt> ReadAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path)) throw new CommandException(ExitCode.BadInput, $"There is no file '{path}': `broker receipt JOB --out FILE` saves a receipt.");
        try
        {
            var json = await File.ReadAllBytesAsync(path, cancellation);
            var receipt = JsonSerializer.Deserialize<Receipt>(json, BrokerJson.Lenient) ?? throw new JsonException("it is null");
            return NullItems.Find(json) is { } missing ? throw new JsonException($"{missing} is null") : receipt;
        }
        catch (JsonException e)
        {
            throw new CommandException(ExitCode.BadInput, $"'{path}' is not a receipt: {e.Message}", e);
        }
    }

    /// <summary>Saves a receipt in a folder that is made if need be.</summary>
    public static async Task SaveAsync(string path, Receipt receipt, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await File.WriteAllBytesAsync(path, JsonSerializer.SerializeToUtf8Bytes(receipt, BrokerJson.Options), cancellation);
    }
}
