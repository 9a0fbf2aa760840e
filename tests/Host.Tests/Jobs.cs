using System.Text;

namespace Broker.Host.Tests;

/// <summary>Jobs to submit.</summary>
internal static class Jobs
{
    /// <summary>A small job that any worker can take.</summary>
    public static byte[] Document { get; } = Encoding.UTF8.GetBytes("""
        {
          "name": "job",
          "program": { "ptx": ".version 7.0\n.target sm_70\n.address_size 64\n.visible .entry fill(.param .u64 out)\n{\nret;\n}\n" },
          "buffers": { "out": { "role": "output", "bytes": 1024 } },
          "steps": [ { "kernel": "fill", "grid": [4], "block": [64], "arguments": [ { "buffer": "out" } ] } ],
          "verification": { "mode": "none" }
        }
        """);
}
