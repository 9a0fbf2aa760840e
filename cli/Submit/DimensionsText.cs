using System.Globalization;
using System.Text.Json.Nodes;

namespace Broker.Cli.Submit;

/// <summary>The size of a grid or a block on the command line: <c>X[,Y[,Z]]</c>.</summary>
internal static class DimensionsText
{
    /// <exception cref="CommandException">It is not one to three numbers from 1.</exception>
    public static JsonArray Read(string option, string text)
    {
        var parts = text.Split(',');
        var sizes = new JsonArray();
        foreach (var part in parts)
        {
            if (parts.Length > 3 || !long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size < 1)
                throw new CommandException(ExitCode.BadInput, $"{option} '{text}' is not a size: write X, X,Y or X,Y,Z, each at least 1, such as 120,68.");
            sizes.Add(size);
        }

        return sizes;
    }
}
