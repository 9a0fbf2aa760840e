using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Broker.Cli;

namespace Broker.Bench.Overhead;

/// <summary>What Slurm takes for a job that does nothing.</summary>
/// <param name="RunMilliseconds">The median of <c>srun true</c>; null where it was not measured.</param>
/// <param name="ArrayJobsPerSecond">Of an array of such jobs.</param>
/// <param name="Why">Why it was not measured.</param>
internal sealed record SlurmTimes(double? RunMilliseconds, double? ArrayJobsPerSecond, string? Why);

/// <summary>A cluster of one node, in a folder of its own, for as long as it is measured.</summary>
internal sealed class Slurm : IAsyncDisposable
{
    private const string Node = "bench";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("broker-bench-slurm-");
    private readonly List<Process> _daemons = [];

    private string Configuration => Path.Combine(_folder.FullName, "slurm.conf");

    /// <summary>Measures it, where it is installed.</summary>
    /// <param name="repeats">How often <c>srun true</c> is run.</param>
    /// <param name="arrayJobs">How many jobs the array has.</param>
    /// <param name="slots">How many may run at once.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<SlurmTimes> MeasureAsync(int repeats, int arrayJobs, int slots, CancellationToken cancellation)
    {
        if (Find("srun") is null || Find("slurmctld") is null || Find("slurmd") is null || Find("munged") is null)
            return new SlurmTimes(null, null, "slurm-wlm is not installed");
        await using var slurm = new Slurm();
        try
        {
            await slurm.StartAsync(slots, cancellation);
            return await slurm.MeasureAsync(repeats, arrayJobs, cancellation);
        }
        catch (InvalidOperationException e)
        {
            return new SlurmTimes(null, null, e.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The node before its controller, and both before what authenticates them.
        foreach (var daemon in Enumerable.Reverse(_daemons))
        {
            if (!daemon.HasExited) daemon.Kill();
            await daemon.WaitForExitAsync(CancellationToken.None);
            daemon.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private async Task StartAsync(int slots, CancellationToken cancellation)
    {
        var folder = _folder.FullName;
        var key = Path.Combine(folder, "munge.key");
        await File.WriteAllBytesAsync(key, RandomNumberGenerator.GetBytes(1024), cancellation);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(key, UnixFileMode.UserRead);
        var (controller, node) = FreePorts();
        await File.WriteAllTextAsync(Configuration, $"""
            ClusterName=bench
            SlurmctldHost={Dns.GetHostName()}(127.0.0.1)
            SlurmctldPort={controller}
            SlurmdPort={node}
            SlurmUser={Environment.UserName}
            SlurmdUser={Environment.UserName}
            AuthType=auth/munge
            AuthInfo=socket={folder}/munge.socket
            CredType=cred/munge
            StateSaveLocation={_folder.CreateSubdirectory("state").FullName}
            SlurmdSpoolDir={_folder.CreateSubdirectory("spool").FullName}
            SlurmctldPidFile={folder}/slurmctld.pid
            SlurmdPidFile={folder}/slurmd.pid
            SlurmdParameters=config_overrides
            ProctrackType=proctrack/pgid
            TaskPlugin=task/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            SchedulerParameters=batch_sched_delay=0,sched_min_interval=0
            MaxArraySize=1001
            NodeName={Node} NodeHostname={Dns.GetHostName()} NodeAddr=127.0.0.1 CPUs={slots} State=UNKNOWN
            PartitionName=main Nodes={Node} Default=YES MaxTime=INFINITE State=UP
            """, cancellation);
        StartDaemon(
            "munged", "--foreground", "--force", $"--socket={folder}/munge.socket", $"--key-file={key}", $"--pid-file={folder}/munge.pid",
            $"--log-file={folder}/munge.log", $"--seed-file={folder}/munge.seed");
        StartDaemon("slurmctld", "-D", "-f", Configuration, "-L", $"{folder}/slurmctld.log");
        StartDaemon("slurmd", "-D", "-N", Node, "-f", Configuration, "-L", $"{folder}/slurmd.log");
        var watch = Stopwatch.StartNew();
        while (await RunAsync("sinfo", cancellation, "--noheader", "--format=%T") != "idle")
        {
            if (watch.Elapsed > Patience) throw new InvalidOperationException("slurm did not start: its node is not idle");
            await Task.Delay(200, cancellation);
        }
    }

    private async Task<SlurmTimes> MeasureAsync(int repeats, int arrayJobs, CancellationToken cancellation)
    {
        await RunAsync("srun", cancellation, "true");
        var times = new double[repeats];
        for (var i = 0; i < repeats; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await RunAsync("srun", cancellation, "true");
            times[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        }

        var watch = Stopwatch.StartNew();
        await RunAsync("sbatch", cancellation, $"--array=1-{arrayJobs}", "--output=/dev/null", "--wrap=true");
        while (await RunAsync("squeue", cancellation, "--noheader", "--array") != "") await Task.Delay(200, cancellation);
        Array.Sort(times);
        return new SlurmTimes(times[repeats / 2], arrayJobs / watch.Elapsed.TotalSeconds, null);
    }

    private void StartDaemon(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Find(program)!, arguments) { WorkingDirectory = _folder.FullName, RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["SLURM_CONF"] = Configuration;
        var daemon = Process.Start(start)!;
        daemon.OutputDataReceived += (_, _) => { };
        daemon.ErrorDataReceived += (_, _) => { };
        daemon.BeginOutputReadLine();
        daemon.BeginErrorReadLine();
        _daemons.Add(daemon);
    }

    private async Task<string> RunAsync(string program, CancellationToken cancellation, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Find(program)!, arguments) { WorkingDirectory = _folder.FullName };
        start.Environment["SLURM_CONF"] = Configuration;
        return (await ProgramRun.StartAsync(start, cancellation))!.Output.Trim();
    }

    private static string? Find(string program) =>
        ((string[])["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"]).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static (int First, int Second) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}
