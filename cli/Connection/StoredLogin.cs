using System.Text.Json;
using Broker.Core.Documents;

namespace Broker.Cli.Connection;

/// <summary>The broker and the key that <c>broker login</c> stored for this user.</summary>
internal sealed record StoredLogin(Uri Url, string Key)
{
    /// <summary>What the broker's receipts are signed with; null where it did not say.</summary>
    public string? BrokerKey { get; init; }

    public static string FilePath
    {
        get
        {
            var named = Environment.GetEnvironmentVariable("BROKER_CONFIG");
            var folder = string.IsNullOrEmpty(named)
                ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "broker")
                : Path.GetFullPath(named);
            return Path.Combine(folder, "login.json");
        }
    }

    /// <exception cref="CommandException">The file is damaged.</exception>
    public static StoredLogin? Find()
    {
        if (!File.Exists(FilePath)) return null;
        try
        {
            return JsonSerializer.Deserialize<StoredLogin>(File.ReadAllBytes(FilePath), BrokerJson.Options);
        }
        catch (JsonException e)
        {
            throw new CommandException(ExitCode.BadInput, $"The stored login in {FilePath} is damaged: run `broker login --url URL --key KEY` again.", e);
        }
    }

    /// <summary>Stores it where only this user reads it.</summary>
    public void Save()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        OwnerFile.Write(FilePath, file => JsonSerializer.Serialize(file, this, BrokerJson.Options));
    }
}
