using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Core.Documents;

/// <summary>Writes a job document as JSON that reads back as an equal document.</summary>
public static class JobDocumentWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(JobDocument document)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("name", document.Name);
            json.WriteString("pool", document.Pool.ToString());
            json.WriteStartObject("program");
            if (document.Program.Content is { } content) json.WriteString("content", content.ToString());
            if (document.Program.Ptx is { } ptx) json.WriteString("ptx", ptx);
            json.WriteEndObject();
            WriteBuffers(json, document);
            json.WriteStartArray("steps");
            foreach (var step in document.Steps) WriteStep(json, step);
            json.WriteEndArray();
            WriteRequirements(json, document.Requires);
            WriteTerms(json, document.Terms);
            if (document.Verification is { } verification) WriteVerification(json, verification);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteBuffers(Utf8JsonWriter json, JobDocument document)
    {
        json.WriteStartObject("buffers");
        foreach (var buffer in document.Buffers)
        {
            json.WriteStartObject(buffer.Name);
            json.WriteString("role", buffer.Role.ToString().ToLowerInvariant());
            if (buffer.Bytes > 0) json.WriteNumber("bytes", buffer.Bytes);
            if (buffer.Content is { } content) json.WriteString("content", content.ToString());
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter json, StepSpec step)
    {
        json.WriteStartObject();
        json.WriteString("kernel", step.Kernel);
        WriteDimensions(json, "grid", step.Grid);
        WriteDimensions(json, "block", step.Block);
        json.WriteNumber("sharedBytes", step.SharedBytes);
        json.WriteNumber("repeat", step.Repeat);
        json.WriteStartArray("arguments");
        foreach (var argument in step.Arguments) WriteArgument(json, argument);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDimensions(Utf8JsonWriter json, string name, Dimensions size)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(size.X);
        json.WriteNumberValue(size.Y);
        json.WriteNumberValue(size.Z);
        json.WriteEndArray();
    }

    private static void WriteArgument(Utf8JsonWriter json, Argument argument)
    {
        json.WriteStartObject();
        var value = argument.Value.AsSpan();
        switch (argument.Kind)
        {
            case ArgumentKind.Buffer:
                json.WriteString("buffer", argument.Buffer);
                if (argument.Offset != 0) json.WriteNumber("offset", argument.Offset);
                break;
            case ArgumentKind.U32: json.WriteNumber("u32", BinaryPrimitives.ReadUInt32LittleEndian(value)); break;
            case ArgumentKind.S32: json.WriteNumber("s32", BinaryPrimitives.ReadInt32LittleEndian(value)); break;
            // As text: numbers above 2^53 lose bits in many JSON readers.
            case ArgumentKind.U64: json.WriteString("u64", BinaryPrimitives.ReadUInt64LittleEndian(value).ToString(CultureInfo.InvariantCulture)); break;
            case ArgumentKind.S64: json.WriteString("s64", BinaryPrimitives.ReadInt64LittleEndian(value).ToString(CultureInfo.InvariantCulture)); break;
            case ArgumentKind.F32: WriteFloat(json, "f32", BinaryPrimitives.ReadSingleLittleEndian(value)); break;
            case ArgumentKind.F64: WriteFloat(json, "f64", BinaryPrimitives.ReadDoubleLittleEndian(value)); break;
            default: json.WriteBase64String("bytes", value); break;
        }

        json.WriteEndObject();
    }

    private static void WriteFloat(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteString(name, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }

    private static void WriteRequirements(Utf8JsonWriter json, Requirements requires)
    {
        json.WriteStartObject("requires");
        if (requires.MemoryBytes > 0) json.WriteString("memory", Quantities.FormatBytes(requires.MemoryBytes));
        if (requires.ComputeCapability > 0)
            json.WriteString("computeCapability", $">={requires.ComputeCapability / 10}.{requires.ComputeCapability % 10}");
        if (requires.ShareThousandths > 0) json.WriteNumber("share", requires.ShareThousandths / 1000m);
        json.WriteEndObject();
    }

    private static void WriteTerms(Utf8JsonWriter json, Terms terms)
    {
        json.WriteStartObject("terms");
        json.WriteString("maxPrice", terms.MaxPrice.ToString());
        json.WriteString("timeout", Quantities.FormatDuration(terms.Timeout));
        json.WriteString("queueTimeout", Quantities.FormatDuration(terms.QueueTimeout));
        if (terms.Deadline is { } deadline) json.WriteString("deadline", deadline.ToString("O", CultureInfo.InvariantCulture));
        json.WriteNumber("attempts", terms.Attempts);
        if (terms.DelayValuePerHour != Money.Zero) json.WriteString("delayValue", $"{terms.DelayValuePerHour}/h");
        if (terms.Estimate is { } estimate) json.WriteString("estimate", Quantities.FormatDuration(estimate));
        json.WriteEndObject();
    }

    private static void WriteVerification(Utf8JsonWriter json, VerificationSpec verification)
    {
        json.WriteStartObject("verification");
        json.WriteString("mode", BrokerJson.Word(verification.Mode));
        json.WriteNumber("fraction", (decimal)verification.FractionMillionths / VerificationSpec.Million);
        json.WriteNumber("confidence", (decimal)verification.ConfidenceMillionths / VerificationSpec.Million);
        json.WriteString("budget", $"{verification.Budget.TotalSeconds.ToString(CultureInfo.InvariantCulture)} cpu-seconds");
        json.WriteEndObject();
    }
}
