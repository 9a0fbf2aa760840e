using System.Globalization;
using Spectre.Console;

namespace Broker.Cli.Output;

/// <summary>Shows how far a transfer is: a bar where the terminal can draw one, else a line.</summary>
internal static class TransferDisplay
{
    public static async Task RunAsync(Terminal terminal, string what, long bytes, Func<IProgress<long>, Task> transfer)
    {
        if (!Terminal.IsLive(terminal.Progress))
        {
            terminal.Note(what);
            await transfer(new TransferLines(terminal, bytes));
            return;
        }

        await terminal.Progress.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn { Culture = CultureInfo.InvariantCulture }, new TransferSpeedColumn { Culture = CultureInfo.InvariantCulture })
            .StartAsync(async context =>
            {
                var task = context.AddTask(Markup.Escape(what), maxValue: bytes);
                await transfer(new Progress<long>(done => task.Value = done));
                task.Value = bytes;
            });
    }
}
