using System.CommandLine;
using Broker.Cli.Output;
using Broker.Core.Api;

namespace Broker.Cli.Commands;

/// <summary><c>broker offers</c>: what a pool's workers ask for their slots.</summary>
internal static class OffersCommand
{
    public static Command Create(GlobalOptions global)
    {
        var pool = PoolOption.Create("Only the offers of this pool");
        var command = new Command("offers", "List what workers offer: device, price, free slots") { pool };
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            var offers = await Pages.ReadAllAsync(next => client.ListOffersAsync(parsed.GetValue(pool), next, cancellation));
            terminal.Answer(new Page<OfferView>(offers), () =>
            {
                if (offers.IsEmpty) terminal.Note("No offers: jobs wait until a worker makes one. `broker workers` lists the workers.");
                var table = new PlainTable("WORKER", "PROVIDER", "POOL", "STATE", "DEVICE", "COMPUTE", "SLOTS FREE", "SLOT MEMORY", "PER SECOND", "START", "VALID UNTIL");
                foreach (var offer in offers)
                {
                    table.Add(
                        offer.Name, $"{offer.Provider}", $"{offer.Pool}", offer.State.ToString().ToLowerInvariant(), offer.Device.Name,
                        Words.Capability(offer.Device.ComputeCapability), $"{offer.FreeSlots} of {offer.Slots}", Words.Bytes(offer.SlotMemoryBytes),
                        $"{offer.PricePerSecond}", $"{offer.StartPrice}", Words.Time(offer.ValidUntil));
                }

                if (!offers.IsEmpty) table.Write(terminal);
            });
            return ExitCode.Ok;
        });
        return command;
    }
}
