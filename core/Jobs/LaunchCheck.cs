using System.Collections.Immutable;
using Broker.Core.Documents;

namespace Broker.Core.Jobs;

/// <summary>A kernel as its program declares it.</summary>
/// <param name="Name">The entry's name.</param>
/// <param name="Parameters">Its parameters, in order.</param>
/// <param name="SharedBytes">Its static shared memory.</param>
/// <param name="MostThreads">The threads of a block that it was compiled for; null where it does not say.</param>
public sealed record KernelShape(string Name, ImmutableArray<ParameterShape> Parameters, int SharedBytes, Dimensions? MostThreads);

/// <summary>A kernel's parameter.</summary>
/// <param name="Name">Its name in the program.</param>
/// <param name="Type">Its PTX type without the dot, <c>b8[24]</c> for an array.</param>
/// <param name="Bytes">Its size.</param>
public sealed record ParameterShape(string Name, string Type, int Bytes);

/// <summary>Holds a document's steps against the kernels of its program.</summary>
public static class LaunchCheck
{
    /// <summary>Finds what does not fit: unknown kernels, arguments of another number or type, too many threads, too much shared memory.</summary>
    /// <remarks>Pure; all errors at once, in the order of the steps.</remarks>
    public static ImmutableArray<DocumentError> Check(JobDocument document, IReadOnlyList<KernelShape> kernels)
    {
        var errors = ImmutableArray.CreateBuilder<DocumentError>();
        for (var i = 0; i < document.Steps.Length; i++)
        {
            var step = document.Steps[i];
            var path = $"$.steps[{i}]";
            var kernel = kernels.FirstOrDefault(kernel => kernel.Name == step.Kernel);
            if (kernel is null)
                errors.Add(new DocumentError($"{path}.kernel", $"the program has no kernel '{step.Kernel}'; it has {string.Join(", ", kernels.Select(k => k.Name))}"));
            else
                CheckStep(step, kernel, path, errors);
        }

        return errors.ToImmutable();
    }

    private static void CheckStep(StepSpec step, KernelShape kernel, string path, ImmutableArray<DocumentError>.Builder errors)
    {
        var shared = kernel.SharedBytes + step.SharedBytes;
        if (shared > JobLimits.SharedBytes)
            errors.Add(new DocumentError($"{path}.sharedBytes", $"kernel '{kernel.Name}' has {kernel.SharedBytes} static bytes, {shared} together; at most {JobLimits.SharedBytes} are allowed"));
        if (kernel.MostThreads is { } most && step.Block.Count > most.Count)
            errors.Add(new DocumentError($"{path}.block", $"has {step.Block.Count} threads; kernel '{kernel.Name}' was compiled for at most {most.Count}"));

        var parameters = kernel.Parameters;
        if (step.Arguments.Length != parameters.Length)
        {
            errors.Add(new DocumentError($"{path}.arguments", $"has {step.Arguments.Length} arguments; kernel '{kernel.Name}' takes {parameters.Length}: {Describe(parameters)}"));
            return;
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            if (Mismatch(step.Arguments[i], parameters[i]) is { } mismatch)
                errors.Add(new DocumentError($"{path}.arguments[{i}]", $"{mismatch}; parameter '{parameters[i].Name}' of kernel '{kernel.Name}' is .{parameters[i].Type}"));
        }
    }

    private static string? Mismatch(Argument argument, ParameterShape parameter)
    {
        var bytes = argument.Kind == ArgumentKind.Buffer ? 8 : argument.Value.Length;
        if (bytes != parameter.Bytes) return $"{Name(argument.Kind)} has {bytes} bytes, not {parameter.Bytes}";
        if (argument.Kind == ArgumentKind.Bytes || parameter.Type.StartsWith('b')) return null;
        var isFloat = argument.Kind is ArgumentKind.F32 or ArgumentKind.F64;
        return isFloat == parameter.Type.StartsWith('f') ? null : $"{Name(argument.Kind)} is of another type";
    }

    private static string Name(ArgumentKind kind) => kind == ArgumentKind.Buffer ? "a buffer" : kind.ToString().ToLowerInvariant();

    private static string Describe(ImmutableArray<ParameterShape> parameters) =>
        parameters.IsEmpty ? "none" : string.Join(", ", parameters.Select(parameter => $".{parameter.Type} {parameter.Name}"));
}
