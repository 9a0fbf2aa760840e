using System.Diagnostics.CodeAnalysis;
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

    /// <summary>Serves the thread that made it, one block after the other: to start a thread for each takes longer than many a block.</summary>
    [ThreadStatic]
    private static Companion? _companion;

    public static bool IsNeededBy(KernelPlan plan) => plan.Blocks.Sum(b => b.Instructions.Count) > FewInstructions;

    /// <summary>Runs it here, or where a kernel needs that on a thread of its own.</summary>
    public static void Run(KernelPlan plan, Action run)
    {
        if (!IsNeededBy(plan))
        {
            run();
            return;
        }

        if (_companion?.TryRun(run) == true) return;
        _companion = new Companion();
        _companion.TryRun(run);
    }

    /// <summary>Is a thread with a large stack, which ends when nothing was asked of it for a while.</summary>
    [SuppressMessage("Design", "CA1001", Justification = "Semaphores without a wait handle hold nothing of the system's.")]
    private sealed class Companion
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

        private readonly SemaphoreSlim _asked = new(0);
        private readonly SemaphoreSlim _done = new(0);
        private Action? _run;
        private ExceptionDispatchInfo? _trouble;
        private bool _ended;

        public Companion() => new Thread(Serve, Bytes) { IsBackground = true, Name = "deep stack" }.Start();

        /// <returns>False where it has ended.</returns>
        public bool TryRun(Action run)
        {
            lock (_asked)
            {
                if (_ended) return false;
                (_run, _trouble) = (run, null);
                _asked.Release();
            }

            _done.Wait();
            _trouble?.Throw();
            return true;
        }

        private void Serve()
        {
            while (true)
            {
                if (!_asked.Wait(Patience))
                {
                    lock (_asked)
                    {
                        if (_asked.CurrentCount == 0)
                        {
                            _ended = true;
                            return;
                        }
                    }

                    continue;
                }

                try
                {
                    _run!();
                }
                catch (Exception e)
                {
                    _trouble = ExceptionDispatchInfo.Capture(e);
                }

                _run = null;
                _done.Release();
            }
        }
    }
}
