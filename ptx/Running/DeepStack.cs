using System.Runtime.ExceptionServices;
using Broker.Ptx.Emit;

namespace Broker.Ptx.Running;

/// <summary>Runs the code of long kernels on stacks that are large enough for it.</summary>
/// <remarks>
/// The JIT gives each temporary of a long method a place of its own in its frame: about 700 bytes were measured for an access of
/// 16 lanes. No frame may be larger than its stack, which would end the process; what is not touched of a stack costs nothing.
/// </remarks>
internal static class DeepStack
{
    public const int Bytes = 64 << 20;

    private const int FewInstructions = 256;

    public static bool IsNeededBy(KernelPlan plan) => plan.Blocks.Sum(b => b.Instructions.Count) > FewInstructions;

    /// <summary>Runs it here, or where a kernel needs that on a thread of its own.</summary>
    public static void Run(KernelPlan plan, Action run)
    {
        if (!IsNeededBy(plan))
        {
            run();
            return;
        }

        ExceptionDispatchInfo? trouble = null;
        var thread = new Thread(RunThere, Bytes) { IsBackground = true };
        thread.Start();
        thread.Join();
        trouble?.Throw();

        void RunThere()
        {
            try
            {
                run();
            }
            catch (Exception e)
            {
                trouble = ExceptionDispatchInfo.Capture(e);
            }
        }
    }
}
