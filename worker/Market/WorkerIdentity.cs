using Broker.Client;
using Broker.Core.Ids;
using Broker.Worker.Attempts;

namespace Broker.Worker.Market;

/// <summary>This worker as the broker knows it: the client speaks with its own key, and statements are signed with the other one.</summary>
internal sealed record WorkerIdentity(WorkerId Id, string Name, BrokerClient Client, StatementKey Key);
