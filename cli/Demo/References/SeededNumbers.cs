using System.Buffers.Binary;

namespace Broker.Cli.Demo.References;

/// <summary>SplitMix64: the demo's inputs are the same bytes on every machine and under every runtime.</summary>
/// <remarks>System.Random promises no sequence across versions. Source: Steele, Lea, Flood, OOPSLA 2014.</remarks>
internal struct SeededNumbers(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9e3779b97f4a7c15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [-1, 1), each value a multiple of 2^-23.</summary>
    public float NextSigned() => (Next() >> 40) * (1f / (1 << 23)) - 1f;

    /// <summary>Fills a length that is a multiple of 8.</summary>
    public void Fill(Span<byte> bytes)
    {
        for (; bytes.Length > 0; bytes = bytes[8..]) BinaryPrimitives.WriteUInt64LittleEndian(bytes, Next());
    }
}
