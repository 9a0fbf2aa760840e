using System.Text;
using Broker.Core.Documents;
using Broker.Core.Jobs;

namespace Broker.Core.Tests.Documents;

/// <summary>A job document with every member, and ways to change one thing in it.</summary>
internal static class SampleDocument
{
    public const string Text = """
        {
          "name": "render",
          "pool": "eu",
          "program": { "content": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
          "buffers": {
            "scene": { "role": "input", "bytes": 1024, "content": "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" },
            "image": { "role": "output", "bytes": "4KB" },
            "state": { "role": "inout", "content": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" },
            "work": { "role": "scratch", "bytes": 300 }
          },
          "steps": [
            {
              "kernel": "main", "grid": [120, 68, 2], "block": [16, 8, 4], "sharedBytes": 128, "repeat": 5,
              "arguments": [
                { "buffer": "scene", "offset": 512 }, { "buffer": "image" }, { "u32": 32 }, { "s32": -32 }, { "u64": "64" }, { "s64": "-64" },
                { "f32": 0.5 }, { "f64": 0.25 }, { "bytes": "AQID" }
              ]
            }
          ],
          "array": 1,
          "gang": 1,
          "after": [],
          "requires": { "memory": "2GB", "share": 0.25, "computeCapability": ">=7.5", "where": null },
          "terms": {
            "maxPrice": "0.75", "timeout": "20m", "queueTimeout": "2h", "deadline": "2026-01-31T18:00:00Z", "attempts": 4, "priority": 0,
            "preemptible": false, "delayValue": "0.10/h", "stake": 0, "estimate": "90s"
          },
          "verification": { "mode": "none" },
          "auction": null
        }
        """;

    /// <summary>The text with one fragment, which must stand in it exactly once, replaced.</summary>
    public static string With(string fragment, string replacement)
    {
        var at = Text.IndexOf(fragment, StringComparison.Ordinal);
        Assert.True(at >= 0, $"the sample has no '{fragment}'");
        Assert.True(Text.IndexOf(fragment, at + 1, StringComparison.Ordinal) < 0, $"the sample has '{fragment}' twice");
        return string.Concat(Text.AsSpan(0, at), replacement, Text.AsSpan(at + fragment.Length));
    }

    public static ReadResult<JobDocument> Read(string text) => JobDocumentReader.Read(Encoding.UTF8.GetBytes(text));

    public static JobDocument ReadValid(string text)
    {
        var result = Read(text);
        Assert.Empty(result.Errors);
        return result.Value!;
    }
}
