using System.Runtime.InteropServices;
using Broker.Core.Ids;

namespace Broker.EndToEnd.Tests;

/// <summary>An honest job of many blocks: three times its input.</summary>
internal static class Saxpy
{
    private const int Count = 10_000;

    private static readonly float[] Values = [.. Enumerable.Range(1, Count).Select(i => i * 0.5f)];

    public static byte[] Input { get; } = MemoryMarshal.AsBytes(Values.AsSpan()).ToArray();

    public static byte[] Expected { get; } = MemoryMarshal.AsBytes(Values.Select(value => 3 * value).ToArray().AsSpan()).ToArray();

    public static async Task<JobId> SubmitSaxpyAsync(this Processes broker) => (await broker.Submitter.SubmitAsync(
        Submissions.Kernel("saxpy"), "saxpy", Count / 250, 250, Input.Length, [new { u32 = Count }, new { f32 = 3.0 }], Input)).Id;
}
