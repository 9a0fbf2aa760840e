using System.Globalization;

namespace Broker.Host.Tests.Hosting;

/// <summary>Starts one function by the schedule of its <c>function.json</c>, never twice at once.</summary>
internal sealed class TimerTrigger(ScriptFunction function)
{
    public async Task RunAsync(HandlerCalls calls, CancellationToken gone)
    {
        while (true)
        {
            var now = DateTimeOffset.UtcNow;
            await Task.Delay(Next(function.Text("schedule"), now) - now, gone);
            await calls.TryRunAsync(function, gone);
        }
    }

    /// <summary>The first second after a time that fits a schedule of six fields: second, minute, hour, day, month, day of the week.</summary>
    /// <remarks>Each field is <c>*</c>, a number, or <c>*/n</c>: what the schedules of this program are made of.</remarks>
    public static DateTimeOffset Next(string schedule, DateTimeOffset after)
    {
        var fields = schedule.Split(' ');
        if (fields.Length != 6) throw new FormatException($"'{schedule}' has {fields.Length} fields, not six");
        var second = new DateTimeOffset(after.Year, after.Month, after.Day, after.Hour, after.Minute, after.Second, TimeSpan.Zero);
        for (var i = 0; i < 86_400; i++)
        {
            second = second.AddSeconds(1);
            int[] values = [second.Second, second.Minute, second.Hour, second.Day, second.Month, (int)second.DayOfWeek];
            if (fields.Zip(values).All(pair => Fits(pair.First, pair.Second))) return second;
        }

        throw new FormatException($"'{schedule}' fits no second of the next day");
    }

    private static bool Fits(string field, int value) => field switch
    {
        "*" => true,
        _ when field.StartsWith("*/", StringComparison.Ordinal) => value % int.Parse(field[2..], CultureInfo.InvariantCulture) == 0,
        _ => value == int.Parse(field, CultureInfo.InvariantCulture),
    };
}
