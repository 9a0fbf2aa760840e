using Broker.Client;
using Broker.Core.Ids;

namespace Broker.Worker.Market;

/// <summary>This worker as the broker knows it, and the client that speaks with its own key.</summary>
internal sealed record WorkerIdentity(WorkerId Id, string Name, BrokerClient Client);
