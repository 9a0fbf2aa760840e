namespace Broker.Bench.Cheats;

/// <summary>Rows that need what does not exist yet.</summary>
internal static class LaterRows
{
    private const string Replicas = "replicas that are compared do not exist yet";
    private const string Ledger = "stakes and payments do not exist yet";
    private const string Reputation = "reputation does not exist yet";
    private const string Launches = "roots after every launch do not exist yet: a job of several launches is executed again in full";

    public static IReadOnlyList<CheatRow> All { get; } =
    [
        CheatRow.Later("A13", "a commitment without data", "needs a broker with a clock: it is a test of the broker"),
        CheatRow.Later("A14", "stops when it sees which openings are asked for", "outputs are stored before the commitment: there is nothing to stop"),
        CheatRow.Later("A16", "reads all that it can", "needs a broker with routes, queues and tables: it is a test of the broker"),
        CheatRow.Later("A17", "two colluders", Replicas),
        CheatRow.Later("A19", "colluders outvote the honest one", Replicas),
        CheatRow.Later("A20", "skips only the dear blocks", "blocks are drawn uniformly: step counts of earlier runs do not weigh them yet"),
        CheatRow.Later("A21", "500 honest jobs, then cheats always", Reputation),
        CheatRow.Later("A22", "a fresh identity for each cheat", Ledger),
        CheatRow.Later("A23", "false last-but-one state", Launches),
        CheatRow.Later("A24", "wrong at step 1 of 100", Launches),
        CheatRow.Later("A29", "hostile PTX", "needs the processes of a worker and a verifier: it is a test of these"),
        CheatRow.Later("A30", "a verifier that is off by one ulp", "a second verifier that confirms a finding does not exist yet"),
        CheatRow.Later("A34", "two workers finish one attempt", Ledger),
        CheatRow.Later("A38", "submitter and provider are one owner", Reputation),
        CheatRow.Later("A39", "a kernel that races to have an honest provider slashed", Ledger),
        CheatRow.Later("A40", "a kernel that corrupts a neighbour on the GPU", "a CUDA executor does not exist yet"),
        CheatRow.Later("A41", "a NaN planted in the first leaf", Replicas),
    ];
}
