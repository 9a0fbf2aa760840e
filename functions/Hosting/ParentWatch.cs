namespace Broker.Functions.Hosting;

/// <summary>Stops the program when its standard input ends, where the program that started it asks for that: it cannot outlive a parent that was killed.</summary>
internal static class ParentWatch
{
    private const string Variable = "BROKER_EXIT_ON_STDIN_EOF";
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public static void Start(IHostApplicationLifetime lifetime)
    {
        if (Environment.GetEnvironmentVariable(Variable) != "1") return;
        var thread = new Thread(() =>
        {
            while (Console.In.Read() >= 0)
            {
                // Nothing that is written matters, only that it ends.
            }

            lifetime.StopApplication();

            // Storage that ended with the same parent can hold a clean stop up for minutes; a crash is survived.
            Thread.Sleep(Grace);
            Environment.Exit(0);
        })
        { IsBackground = true, Name = "parent watch" };
        thread.Start();
    }
}
