using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Verify;

namespace Broker.Verification;

/// <summary>How a job's result can be verified, as its program and its launches decide it.</summary>
/// <param name="Class">The weakest class of its steps.</param>
/// <param name="Reasons">What keeps each step from a stronger class.</param>
public sealed record JobClass(KernelClass Class, IReadOnlyList<StepReason> Reasons)
{
    /// <summary>Classifies a job by reading alone.</summary>
    /// <exception cref="PtxException">The module has what <see cref="Module.CheckSupported"/> lists.</exception>
    /// <exception cref="ArgumentException">A step does not fit its kernel.</exception>
    public static JobClass Of(Module module, JobDocument document)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(document);
        var (worst, reasons) = (KernelClass.Exact, new List<StepReason>());
        for (var index = 0; index < document.Steps.Length; index++)
        {
            var step = document.Steps[index];
            var kernel = module.Kernels.FirstOrDefault(kernel => kernel.Name == step.Kernel) ?? throw new ArgumentException($"the program has no kernel '{step.Kernel}'", nameof(document));
            var found = Classifier.Classify(module, step.Kernel, StepLaunch.Make(kernel, step, _ => 0), StepLaunch.Pointers(kernel, step, document));
            if (found.Class > worst) worst = found.Class;
            reasons.AddRange(found.Reasons.Select(reason => new StepReason(index, reason)));
        }

        return new JobClass(worst, reasons);
    }

    /// <summary>Decides how a job is verified: as it asks, or as its class suggests.</summary>
    /// <param name="asked">What the document says; null for nothing.</param>
    /// <param name="launches">How many launches the job has.</param>
    /// <returns>What holds, or why what is asked cannot be done.</returns>
    public (VerificationSpec? Holds, string? Refusal) Decide(VerificationSpec? asked, int launches)
    {
        if (asked?.Mode == VerificationMode.None) return (asked, null);
        var isRepeatable = Class is KernelClass.Exact or KernelClass.ExactCommutative or KernelClass.ExactScattered;
        var canSample = Class == KernelClass.Exact && launches == 1;
        if (!isRepeatable) return (null, $"the job is {Class.Word()}, which cannot be verified yet: {Describe()}; or write \"verification\": {{ \"mode\": \"none\" }} to have it run unverified");
        if (asked?.Mode == VerificationMode.Sample && !canSample)
        {
            return (null, Class == KernelClass.Exact
                ? $"a sample of a job with {launches} launches is not supported yet: ask for 'full'"
                : $"the job is {Class.Word()}, and only exact ones can be sampled: ask for 'full', or change this: {Describe()}");
        }

        return (asked ?? new VerificationSpec { Mode = canSample ? VerificationMode.Sample : VerificationMode.Full }, null);
    }

    private string Describe() => string.Join("; ", Reasons.Where(reason => reason.Reason.Class == Class).Take(3).Select(reason => $"step {reason.Step}, {reason.Reason}"));
}

/// <summary>What allows a step no better class.</summary>
/// <param name="Step">The step's index.</param>
/// <param name="Reason">Why, and what to do.</param>
public sealed record StepReason(int Step, ClassReason Reason);
