using System.CommandLine;
using Broker.Core.Ids;

namespace Broker.Cli.Commands;

/// <summary>The option that names a pool.</summary>
internal static class PoolOption
{
    public static Option<PoolName?> Create(string description) => new("--pool")
    {
        Description = description,
        HelpName = "POOL",
        CustomParser = result =>
        {
            if (PoolName.TryParse(result.Tokens[0].Value, out var name)) return name;
            result.AddError($"'{result.Tokens[0].Value}' is not valid: {PoolName.Rule}");
            return null;
        },
    };
}
