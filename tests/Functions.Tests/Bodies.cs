namespace Broker.Functions.Tests;

/// <summary>Request bodies that are valid.</summary>
internal static class Bodies
{
    public const string Offer = """{ "pricePerSecond": "0.001", "slotMemoryBytes": 1048576 }""";

    public static string Worker(string name) =>
        $$"""{ "name": "{{name}}", "device": { "kind": "cpu", "name": "test", "computeCapability": 90, "memoryBytes": 1073741824 }, "publicKey": "{{Broker.Tests.Make.PublicKey}}" }""";
}
