using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using Broker.Core.Documents;

namespace Broker.Cli.Submit;

/// <summary>Reads one kernel argument as it is written on the command line: <c>out:4MB</c>, <c>in:@file</c>, <c>u32:7</c>.</summary>
internal static class ArgumentText
{
    public const string Forms =
        "out:SIZE, scratch:SIZE, in:@FILE, inout:@FILE, u32:N, s32:N, u64:N, s64:N, f32:X, f64:X, bytes:BASE64 or bytes:@FILE";

    /// <param name="text">What stands on the command line.</param>
    /// <param name="name">The name of the buffer, where the argument makes one.</param>
    /// <exception cref="CommandException">It is none of <see cref="Forms"/>.</exception>
    public static LaunchArgument Read(string text, string name)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var kind = colon < 0 ? "" : text[..colon];
        var value = text[(colon + 1)..];
        return kind switch
        {
            "out" => Zeros(text, name, "output", value),
            "scratch" => Zeros(text, name, "scratch", value),
            "in" => FromFile(text, name, "input", value),
            "inout" => FromFile(text, name, "inout", value),
            "u32" => Integer(text, kind, value, uint.MinValue, uint.MaxValue),
            "s32" => Integer(text, kind, value, int.MinValue, int.MaxValue),
            "u64" => Integer(text, kind, value, ulong.MinValue, ulong.MaxValue),
            "s64" => Integer(text, kind, value, long.MinValue, long.MaxValue),
            "f32" or "f64" => Real(text, kind, value),
            "bytes" => Bytes(text, value),
            _ => throw Refused(text, $"is none of {Forms}"),
        };
    }

    private static LaunchArgument Zeros(string text, string name, string role, string value) =>
        Quantities.TryParseBytes(value, out var bytes) && bytes > 0
            ? LaunchArgument.Zeros(name, role, bytes)
            : throw Refused(text, $"needs a size: {Quantities.BytesRule}");

    private static LaunchArgument FromFile(string text, string name, string role, string value)
    {
        if (!value.StartsWith('@')) throw Refused(text, $"needs a file, as in {(role == "input" ? "in" : "inout")}:@data.bin");
        return LaunchArgument.From(name, role, LocalContent.OfFile(value[1..]));
    }

    private static LaunchArgument Integer(string text, string kind, string value, Int128 least, Int128 most)
    {
        var valid = value.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? Int128.TryParse(value.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            : Int128.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

        // As text: numbers above 2^53 lose bits in many JSON readers.
        return valid && number >= least && number <= most
            ? LaunchArgument.Value(kind, number.ToString(CultureInfo.InvariantCulture))
            : throw Refused(text, $"needs a whole number from {least} to {most}");
    }

    private static LaunchArgument Real(string text, string kind, string value)
    {
        JsonNode? node = value.ToLowerInvariant() switch
        {
            "nan" => "NaN",
            "inf" or "infinity" => "Infinity",
            "-inf" or "-infinity" => "-Infinity",
            _ when kind == "f32" => Finite<float>(value),
            _ => Finite<double>(value),
        };
        return node is null
            ? throw Refused(text, $"needs a number that fits in {kind} such as 0.5, or nan or inf")
            : LaunchArgument.Value(kind, node);
    }

    /// <remarks>Read as the type that it shall have: by way of another it would be rounded twice.</remarks>
    private static JsonValue? Finite<T>(string value) where T : struct, IBinaryFloatingPointIeee754<T> =>
        T.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && T.IsFinite(number) ? JsonValue.Create(number) : null;

    private static LaunchArgument Bytes(string text, string value)
    {
        if (value.StartsWith('@'))
        {
            using var file = LocalContent.OfFile(value[1..]).Open();
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            value = Convert.ToBase64String(bytes);
        }
        else if (value.Length == 0 || !Convert.TryFromBase64String(value, new byte[value.Length], out _))
        {
            throw Refused(text, "needs base64, or a file as in bytes:@struct.bin");
        }

        return LaunchArgument.Value("bytes", value);
    }

    private static CommandException Refused(string text, string why) => new(ExitCode.BadInput, $"--arg '{text}' {why}.");
}
