using System.Text;
using System.Text.Json;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Tests;

namespace Broker.Core.Tests.Verification;

/// <summary>Holds the code against docs/vectors. They are fixed: what changes them is another version of the protocol.</summary>
public class VectorTests
{
    [Fact]
    public void Trees_are_as_the_vectors_say()
    {
        foreach (var row in Read("trees").GetProperty("cases").EnumerateArray())
        {
            var bytes = Enumerable.Range(0, row.GetProperty("bytes").GetInt32()).Select(i => (byte)((31 * i) + (i / 4096))).ToArray();
            var leaves = MerkleTree.Leaves(bytes);
            Assert.Equal((row.GetProperty("leaves").GetInt32(), Digest(row, "root")), (leaves.Length, MerkleTree.Root(leaves.AsSpan())));
            if (!row.TryGetProperty("leaf", out var leaf)) continue;
            var (index, path) = (leaf.GetInt32(), row.GetProperty("path").Deserialize<Digest[]>());
            Assert.Equal(Digest(row, "leafHash"), leaves[index]);
            Assert.Equal(path, MerkleTree.Path(leaves.AsSpan(), index).AsEnumerable());
            Assert.True(MerkleTree.Leads(leaves[index], index, leaves.Length, path, Digest(row, "root")));
        }
    }

    [Fact]
    public void A_job_hash_is_as_the_vector_says()
    {
        var vector = Read("job");
        Assert.Equal(Digest(vector, "jobHash"), JobHash.Of(Document(vector.GetProperty("document"))));
        Assert.Equal(Digest(vector, "jobHash"), Core.Verification.Digest.Of(Convert.FromHexString(vector.GetProperty("encoding").GetString()!)));
    }

    [Fact]
    public void A_statement_is_as_the_vector_says()
    {
        var vector = Read("statement");
        var said = vector.GetProperty("statement").Deserialize<Statement>(BrokerJson.Options)!;
        Assert.Equal(Digest(vector, "launchRoot"), Statement.LaunchRoot(said.Buffers));
        Assert.Equal(Digest(vector, "topRoot"), said.TopRoot);
        Assert.Equal(said.SeedCommit, Seed.Commit(Digest(vector, "seed"), new AttemptId(said.Job, said.Replica, said.Attempt)));
        Assert.Equal(vector.GetProperty("encoding").GetString(), Convert.ToHexStringLower(said.Encode()));
        Assert.True(Signatures.Verify(said.Encode(), vector.GetProperty("signature").GetString()!, vector.GetProperty("publicKey").GetString()!));
    }

    [Fact]
    public void Samples_are_as_the_vectors_say()
    {
        var vector = Read("samples");
        var said = Feasible.Commitment().Statement with { JobHash = Digest(vector, "jobHash"), Replica = vector.GetProperty("replica").GetInt32(), Attempt = vector.GetProperty("attempt").GetInt32() };
        foreach (var row in vector.GetProperty("cases").EnumerateArray())
        {
            var steps = row.GetProperty("launches").EnumerateArray().Select(launch => Feasible.Step() with { Grid = Grid(launch.GetProperty("grid")), Repeat = launch.GetProperty("repeat").GetInt32() });
            var launches = new LaunchList(Feasible.Document() with { Steps = [.. steps] });
            var drawn = BlockSample.Draw(Digest(vector, "seed"), Digest(vector, "topRoot"), said, launches, row.GetProperty("size").GetInt64());
            Assert.Equal(row.GetProperty("places").Deserialize<long[]>(), drawn.Uniform.Select(launches.PlaceOf));
        }
    }

    [Fact]
    public void Receipts_are_as_the_vectors_say()
    {
        foreach (var row in Read("receipts").GetProperty("receipts").EnumerateArray())
        {
            var receipt = row.GetProperty("receipt").Deserialize<Receipt>(BrokerJson.Options)!;
            Assert.Equal(row.GetProperty("encoding").GetString(), Convert.ToHexStringLower(receipt.Encode()));
            Assert.All(ReceiptCheck.Check(receipt, receipt.BrokerKey), finding => Assert.True(finding.Holds, $"{finding.Name}: {finding.Says}"));
        }
    }

    private static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "vectors", name + ".json"))).RootElement;

    private static Digest Digest(JsonElement row, string name) => Core.Verification.Digest.Parse(row.GetProperty(name).GetString()!);

    private static Dimensions Grid(JsonElement sizes) => new(sizes[0].GetInt64(), sizes[1].GetInt64(), sizes[2].GetInt64());

    private static JobDocument Document(JsonElement json)
    {
        var read = JobDocumentReader.Read(Encoding.UTF8.GetBytes(json.GetRawText()));
        Assert.Empty(read.Errors);
        return read.Value!;
    }
}
