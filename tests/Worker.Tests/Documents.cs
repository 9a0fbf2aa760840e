using System.Text;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Worker.Tests;

/// <summary>Job documents to run.</summary>
internal static class Documents
{
    public static byte[] InputX { get; } = Floats(1, 2, 3, 4);

    public static byte[] InputY { get; } = Floats(10, 20, 30, 40);

    public static byte[] SaxpyResult { get; } = Floats(12, 24, 36, 48);

    /// <summary>y = 2 x + y over four elements.</summary>
    public static JobDocument Saxpy() => Read($$"""
        {
          "program": { "content": "{{Programs.HashOf(Programs.Saxpy)}}" },
          "buffers": {
            "y": { "role": "inout", "bytes": 16, "content": "{{ContentHash.Of(InputY)}}" },
            "x": { "role": "input", "bytes": 16, "content": "{{ContentHash.Of(InputX)}}" }
          },
          "steps": [{ "kernel": "saxpy", "grid": [1], "block": [32], "arguments": [{ "buffer": "y" }, { "buffer": "x" }, { "u32": 4 }, { "f32": 2 }] }]
        }
        """);

    public static JobDocument Endless() => Read($$"""
        {
          "program": { "content": "{{Programs.HashOf(Programs.Endless)}}" },
          "steps": [{ "kernel": "endless", "grid": [1], "block": [1], "arguments": [{ "u32": 1 }] }]
        }
        """);

    /// <summary>Stores one number a block into a buffer of as many as it is told.</summary>
    public static JobDocument Store(int blocks, int bytes, int repeat = 1, int offset = 0) => Read($$"""
        {
          "program": { "content": "{{Programs.HashOf(Programs.Store)}}" },
          "buffers": { "out": { "role": "output", "bytes": {{bytes}} } },
          "steps": [{ "kernel": "store", "grid": [{{blocks}}], "block": [1], "repeat": {{repeat}}, "arguments": [{ "buffer": "out", "offset": {{offset}} }] }]
        }
        """);

    /// <summary>Takes a gibibyte.</summary>
    public static JobDocument Hog() => Read($$"""
        {
          "program": { "content": "{{Programs.HashOf(Programs.Hog)}}" },
          "buffers": { "out": { "role": "scratch", "bytes": 1073741824 } },
          "steps": [{ "kernel": "hog", "grid": [1], "block": [1], "arguments": [{ "buffer": "out" }] }]
        }
        """);

    /// <summary>Counts its threads, in two launches.</summary>
    public static JobDocument Count() => Read($$"""
        {
          "program": { "content": "{{Programs.HashOf(Programs.Count)}}" },
          "buffers": { "out": { "role": "output", "bytes": 4 } },
          "steps": [{ "kernel": "count", "grid": [4], "block": [64], "repeat": 2, "arguments": [{ "buffer": "out" }] }]
        }
        """);

    /// <summary>Prints a line for each of two threads of two blocks.</summary>
    public static JobDocument Greet() => Read($$"""
        {
          "program": { "content": "{{Programs.HashOf(Programs.Greet)}}" },
          "steps": [{ "kernel": "greet", "grid": [2], "block": [32], "arguments": [{ "u32": 2 }] }]
        }
        """);

    public static JobDocument Read(string json)
    {
        var read = JobDocumentReader.Read(Encoding.UTF8.GetBytes(json));
        Assert.Empty(read.Errors);
        return read.Value!;
    }

    public static byte[] Floats(params ReadOnlySpan<float> values)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++) BitConverter.TryWriteBytes(bytes.AsSpan(i * sizeof(float)), values[i]);
        return bytes;
    }
}
