using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Verify;

namespace Broker.Verification.Tests;

public class JobClassTests
{
    private static readonly VerificationSpec Sample = new() { Mode = VerificationMode.Sample };

    private static readonly VerificationSpec Full = new() { Mode = VerificationMode.Full };

    private static readonly VerificationSpec None = new() { Mode = VerificationMode.None };

    /// <summary>What holds for a class of a job with one or two launches, and what is asked; null for a refusal.</summary>
    public static TheoryData<KernelClass, int, VerificationMode?, VerificationMode?> Rows => new()
    {
        { KernelClass.Exact, 1, null, VerificationMode.Sample },
        { KernelClass.Exact, 1, VerificationMode.Sample, VerificationMode.Sample },
        { KernelClass.Exact, 1, VerificationMode.Full, VerificationMode.Full },
        { KernelClass.Exact, 2, null, VerificationMode.Full },
        { KernelClass.Exact, 2, VerificationMode.Sample, null },
        { KernelClass.Exact, 2, VerificationMode.Full, VerificationMode.Full },
        { KernelClass.ExactScattered, 1, null, VerificationMode.Full },
        { KernelClass.ExactScattered, 1, VerificationMode.Sample, null },
        { KernelClass.ExactCommutative, 1, null, VerificationMode.Full },
        { KernelClass.ExactCommutative, 1, VerificationMode.Sample, null },
        { KernelClass.ExactCommutative, 1, VerificationMode.Full, VerificationMode.Full },
        { KernelClass.SameArch, 1, null, null },
        { KernelClass.SameArch, 1, VerificationMode.Full, null },
        { KernelClass.Tolerant, 1, VerificationMode.Full, null },
        { KernelClass.Unverifiable, 1, null, null },
        { KernelClass.Unverifiable, 1, VerificationMode.Sample, null },
        { KernelClass.Unverifiable, 1, VerificationMode.None, VerificationMode.None },
        { KernelClass.Exact, 1, VerificationMode.None, VerificationMode.None },
    };

    public static TheoryData<string, KernelClass> Kernels => new()
    {
        { "saxpy", KernelClass.Exact }, { "sgemm-16", KernelClass.Exact }, { "raytrace", KernelClass.Exact }, { "histogram", KernelClass.ExactCommutative },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_holds_follows_from_the_class_and_what_is_asked(KernelClass found, int launches, VerificationMode? asked, VerificationMode? holds)
    {
        var spec = asked switch { null => null, VerificationMode.Sample => Sample, VerificationMode.Full => Full, _ => None };
        var (held, refusal) = new JobClass(found, []).Decide(spec, launches);
        Assert.Equal(holds, held?.Mode);
        Assert.Equal(holds is null, refusal is not null);
        if (asked == holds) Assert.Same(spec, held);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Kernels_of_the_repository_have_their_class(string name, KernelClass expected)
    {
        var job = Jobs.Make(name);
        Assert.Equal(expected, JobClass.Of(Module.Parse(job.Program), job.Document).Class);
    }

    [Theory]
    [InlineData("mov.u32 %r2, %clock;\nst.global.u32 [%at], %r2;")]
    [InlineData("atom.global.add.u32 %r2, [%out], 1;\nst.global.u32 [%at+16], %r2;")]
    [InlineData("LOOP:\natom.global.cas.b32 %r2, [%out], 0, 1;\nsetp.ne.u32 %p, %r2, 0;\n@%p bra LOOP;\nst.global.u32 [%at+16], %r2;")]
    public void What_no_machine_repeats_is_refused_with_its_line(string body)
    {
        var job = Jobs.Small(body);
        var found = JobClass.Of(Module.Parse(job.Program), job.Document);
        Assert.Equal(KernelClass.Unverifiable, found.Class);
        var (_, refusal) = found.Decide(Full, 1);
        Assert.Contains("step 0, ", refusal, StringComparison.Ordinal);
        Assert.Contains("\"none\"", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_weakest_step_decides()
    {
        var (job, second) = (Jobs.Make("histogram"), Jobs.Make("histogram").Document.Steps[0]);
        var two = job.With(document => document with { Steps = [second, second] });
        var found = JobClass.Of(Module.Parse(two.Program), two.Document);
        Assert.Equal(KernelClass.ExactCommutative, found.Class);
        Assert.Equal([0, 1], found.Reasons.Select(reason => reason.Step).Distinct());
        Assert.Throws<ArgumentException>(() => JobClass.Of(Module.Parse(job.Program), job.Document with { Steps = [second with { Kernel = "none" }] }));
    }
}
