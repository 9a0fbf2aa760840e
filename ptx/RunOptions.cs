namespace Broker.Ptx;

/// <summary>Bounds a launch, and listens to it.</summary>
public sealed record RunOptions
{
    /// <summary>Gets how many threads of this machine may run blocks.</summary>
    public int MaxThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>Gets how many threads of a block run side by side, as the lanes of vectors: 1, 8 or 16. Null leaves it to the engine.</summary>
    /// <remarks>A machine without vectors of that size takes the next smaller, and a kernel for which lanes are not possible runs thread after thread. The results are the same, bit for bit.</remarks>
    /// <exception cref="ArgumentException">Another number is given.</exception>
    public int? Lanes
    {
        get;
        init => field = value is null or 1 or 8 or 16 ? value : throw new ArgumentException($"{value} lanes are not 1, 8 or 16", nameof(value));
    }

    /// <summary>Gets how many instructions the threads of one block may run together.</summary>
    /// <remarks>The default is a few seconds of one core.</remarks>
    public long StepBudgetPerBlock { get; init; } = 1L << 33;

    /// <summary>Gets what is told, on any thread, how many blocks have completed so far.</summary>
    public Action<long>? BlocksDone { get; init; }

    /// <summary>Gets what is told each line that kernels print, on any thread but one line at a time.</summary>
    /// <remarks>Lines come in the order of blocks, and within a block in the order in which its threads ran, the same in every run.</remarks>
    public Action<string>? Printed { get; init; }

    /// <summary>Gets how many bytes a launch may print. Where it prints more, a last line says so.</summary>
    public int PrintedBytes { get; init; } = 1 << 20;
}
