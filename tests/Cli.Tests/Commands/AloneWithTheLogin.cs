namespace Broker.Cli.Tests.Commands;

/// <summary>Tests that change the stored login: every command reads it, so no other test may run beside them.</summary>
[CollectionDefinition(nameof(AloneWithTheLogin), DisableParallelization = true)]
public sealed class AloneWithTheLogin;
