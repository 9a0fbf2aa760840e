namespace Broker.Cli.Kernels;

/// <summary>Says for which device, and with which prelude, a CUDA C source is compiled.</summary>
public sealed record CompileOptions
{
    /// <summary>Volta: the oldest architecture whose threads are scheduled independently; every later GPU runs its PTX.</summary>
    public string Architecture { get; init; } = "sm_70";

    /// <summary>7.0 is understood by every driver since CUDA 11.0.</summary>
    public string PtxVersion { get; init; } = "7.0";

    /// <summary>The folder of <c>cuda_runtime.h</c> and its companions; they are installed beside the program.</summary>
    public string PreludeFolder { get; init; } = Path.Combine(AppContext.BaseDirectory, "kernels", "include");

    /// <summary>Everything that decides the PTX besides the sources, so it is hashed with them; no path is among it.</summary>
    public IReadOnlyList<string> Flags =>
    [
        "-x", "cuda", "--cuda-device-only", "-S",
        $"--cuda-gpu-arch={Architecture}", $"--cuda-feature=+ptx{PtxVersion.Replace(".", "", StringComparison.Ordinal)}",
        // Device code takes the sizes of its types from the host: with one host for all, all machines make the same PTX.
        "--target=x86_64-unknown-linux-gnu",
        "-nocudainc", "-nocudalib", "-O3",
        // The default, fast, leaves add and mul without .rn, and then each device decides what it fuses.
        "-ffp-contract=on",
    ];
}
