using System.Text.Json;
using Azure.Data.Tables;
using Broker.Core.Documents;

namespace Broker.Storage.Rows;

/// <summary>How a value stands in a row: as JSON in the column <c>data</c>.</summary>
internal static class TableRows
{
    public const string Data = "data";

    public static TableEntity Make<T>(string partition, string row, T value) =>
        new(partition, row) { [Data] = JsonSerializer.Serialize(value, BrokerJson.Options) };

    public static T Read<T>(this TableEntity entity) =>
        JsonSerializer.Deserialize<T>(entity.GetString(Data), BrokerJson.Lenient)
        ?? throw new InvalidDataException($"row {entity.PartitionKey}/{entity.RowKey} holds nothing");

    public static RowVersion Version(this TableEntity entity) => new(entity.ETag.ToString());

    /// <summary>Text that sorts times from old to new.</summary>
    public static string OldestFirst(DateTimeOffset time) => time.UtcTicks.ToString("D19", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Text that sorts times from new to old.</summary>
    public static string NewestFirst(DateTimeOffset time) =>
        (DateTimeOffset.MaxValue.UtcTicks - time.UtcTicks).ToString("D19", System.Globalization.CultureInfo.InvariantCulture);
}
