namespace Broker.Bench.Kernels;

/// <summary>Lays arguments out as a C structure, which is also how a launch takes them.</summary>
internal static class PackedArguments
{
    public static byte[] Pack(IEnumerable<object> arguments, Func<BufferData, ulong> addressOf)
    {
        var packed = new List<byte>();
        foreach (var argument in arguments)
        {
            var bytes = argument switch
            {
                BufferData buffer => BitConverter.GetBytes(addressOf(buffer)),
                uint number => BitConverter.GetBytes(number),
                int number => BitConverter.GetBytes(number),
                ulong number => BitConverter.GetBytes(number),
                float number => BitConverter.GetBytes(number),
                _ => throw new ArgumentException($"an argument cannot be a {argument.GetType().Name}", nameof(arguments)),
            };
            while (packed.Count % bytes.Length != 0) packed.Add(0);
            packed.AddRange(bytes);
        }

        return [.. packed];
    }
}
