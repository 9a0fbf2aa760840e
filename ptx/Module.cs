using System.Diagnostics.CodeAnalysis;
using Broker.Ptx.Canonical;
using Broker.Ptx.Emit;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx;

/// <summary>Is a PTX program: its kernels, what of it cannot run yet, and its canonical text.</summary>
[SuppressMessage("Naming", "CA1716", Justification = "The PTX manual's word.")]
public sealed class Module
{
    private readonly ParsedModule _parsed;
    private readonly List<PtxError> _refusals;
    private readonly Dictionary<string, KernelPlan> _plans = [];

    private Module(ParsedModule parsed, ModuleImage image, IEnumerable<PtxError> refusals)
    {
        _parsed = parsed;
        _refusals = [.. refusals];
        Image = image;
        var entries = parsed.Functions.Where(f => f.IsEntry && f.Body is not null).ToList();
        foreach (var entry in entries) Plan(entry);
        Kernels = [.. entries.Select(Signature)];
    }

    public IReadOnlyList<KernelSignature> Kernels { get; }

    internal ModuleImage Image { get; }

    /// <summary>Reads a PTX text.</summary>
    /// <exception cref="PtxException">The text is malformed. A text that merely cannot run yet is read, and <see cref="CheckSupported"/> says why.</exception>
    public static Module Parse(string text)
    {
        var (parsed, errors) = SelectForms.Run(Parser.Parse(text));
        var malformed = errors.Where(e => e.Kind == PtxErrorKind.Malformed).ToList();
        if (malformed.Count > 0) throw new PtxException(malformed);
        return new Module(parsed, ModuleImage.Build(parsed), errors);
    }

    /// <summary>Lists what the engine cannot run yet, in the order of the text; empty when every kernel can be compiled.</summary>
    public IReadOnlyList<PtxError> CheckSupported() => [.. _refusals.OrderBy(e => e.Line).ThenBy(e => e.Column)];

    /// <summary>Gives the text that workers receive, and the identity of the program.</summary>
    public CanonicalProgram Canonicalise() => Canonicaliser.Run(_parsed);

    internal KernelPlan PlanOf(string entry)
    {
        if (_refusals.Count > 0) throw new PtxException(CheckSupported());
        return _plans.TryGetValue(entry, out var plan) ? plan : throw new ArgumentException($"the module has no kernel '{entry}'", nameof(entry));
    }

    private void Plan(Function entry)
    {
        // The passes want a form for every instruction.
        if (_parsed.Functions.Any(f => f.Instructions().Any(i => i.Form is null))) return;
        try
        {
            _plans[entry.Name] = PlanKernel.Run(_parsed, Image, entry);
        }
        catch (PtxException e) when (e.Errors.All(error => error.Kind == PtxErrorKind.NotSupported))
        {
            _refusals.AddRange(e.Errors);
        }
    }

    private KernelSignature Signature(Function entry)
    {
        // A kernel that cannot be planned cannot be launched; its parameters are shown all the same.
        var memory = _plans.TryGetValue(entry.Name, out var plan) ? plan.Memory : LayOutMemory.Run(new FlatBody(entry, [], []));
        return new KernelSignature(
            entry.Name, memory.Parameters, memory.SharedBytes, entry.FindDirective(".maxntid"), entry.FindDirective(".reqntid"), entry.Line);
    }
}
