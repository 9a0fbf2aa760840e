using Broker.Core.Jobs;

namespace Broker.Core.Tests.Documents;

public class JobDocumentRefusalTests
{
    private const string Program = "{ \"content\": \"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" }";
    private const string ProgramHash = "\"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"";
    private const string Scene = "{ \"role\": \"input\", \"bytes\": 1024, \"content\": \"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\" }";
    private const string Work = "\"work\": { \"role\": \"scratch\", \"bytes\": 300 }";
    private const string Kernel = "\"kernel\": \"main\"";
    private const string Grid = "\"grid\": [120, 68, 2]";
    private const string Block = "\"block\": [16, 8, 4]";
    private const string U32 = "{ \"u32\": 32 }";
    private const string U64 = "{ \"u64\": \"64\" }";
    private const string F32 = "{ \"f32\": 0.5 }";
    private const string F64 = "{ \"f64\": 0.25 }";
    private const string Bytes = "{ \"bytes\": \"AQID\" }";
    private const string Requires = "{ \"memory\": \"2GB\", \"share\": 0.25, \"computeCapability\": \">=7.5\", \"where\": null }";
    private const string Arg = "$.steps[0].arguments";

    /// <summary>A fragment of the sample, what stands in its place, and where and how that is refused.</summary>
    public static TheoryData<string, string, string, string> Document => new()
    {
        { "\"name\": \"render\"", "\"name\": 7", "$.name", "must be a string, not 7" },
        { "\"name\": \"render\"", "\"name\": null", "$.name", "must be a string, not null" },
        { "\"name\": \"render\"", "\"name\": \"\"", "$.name", "1 to 100 printable characters" },
        { "\"name\": \"render\"", "\"name\": \"a\\u0007\"", "$.name", "1 to 100 printable characters" },
        { "\"name\": \"render\"", $"\"name\": \"{new string('x', 101)}\"", "$.name", "1 to 100 printable characters" },
        { "\"name\": \"render\"", "\"name\": \"\\ud800\"", "$.name", "half a surrogate pair" },
        { "\"name\": \"render\"", "\"title\": \"render\"", "$.title", "unknown member; known here are name, pool, program" },
        { "\"name\": \"render\"", "\"Name\": \"render\"", "$.Name", "unknown member" },
        { "\"name\": \"render\"", "\"name\": \"a\", \"name\": \"b\"", "$.name", "stands twice" },
        { "\"name\": \"render\"", "\"\\udc00\": \"render\"", "$", "half a surrogate pair" },
        { "\"pool\": \"eu\"", "\"pool\": \"-eu\"", "$.pool", "'-eu' is not valid: a pool name is" },
        { "\"pool\": \"eu\"", "\"pool\": []", "$.pool", "must be a string, not an array" },
        { $"\"program\": {Program},", "", "$", "'program' is missing" },
        { Program, "\"x\"", "$.program", "must be an object, not \"x\"" },
        { Program, "{}", "$.program", "exactly one of content and ptx" },
        { ProgramHash, ProgramHash + ", \"ptx\": \"x\"", "$.program", "exactly one of content and ptx" },
        { ProgramHash, ProgramHash + ", \"cubin\": \"x\"", "$.program.cubin", "unknown member; known here are content, ptx" },
        { Program, "{ \"ptx\": 1 }", "$.program.ptx", "must be a string" },
        { Program, $"{{ \"ptx\": \"{new string('x', 32769)}\" }}", "$.program.ptx", "has 32769 bytes; inline PTX may have 32768" },
        { ProgramHash, "7", "$.program.content", "must be a string" },
        { ProgramHash, "\"sha256:abc\"", "$.program.content", "'sha256:abc' is not valid: a content hash is" },
        { ProgramHash, $"\"{new string('a', 64)}\"", "$.program.content", "a content hash is 'sha256:'" },
    };

    public static TheoryData<string, string, string, string> Buffers => new()
    {
        { Work, "\"work\": 7", "$.buffers.work", "must be an object, not 7" },
        { Work, "\"work\": { \"bytes\": 300 }", "$.buffers.work", "'role' is missing" },
        { Work, "\"work\": { \"role\": 1, \"bytes\": 300 }", "$.buffers.work.role", "must be a string" },
        { Work, "\"work\": { \"role\": \"Scratch\", \"bytes\": 300 }", "$.buffers.work.role", "'Scratch' is not a role" },
        { Work, "\"work\": { \"role\": \"scratch\" }", "$.buffers.work", "'bytes' is missing" },
        { "\"role\": \"output\", \"bytes\": \"4KB\"", "\"role\": \"output\"", "$.buffers.image", "'bytes' is missing" },
        { "\"bytes\": 300", "\"bytes\": 0", "$.buffers.work.bytes", "from 1 to 68719476736, not 0" },
        { "\"bytes\": 300", "\"bytes\": -1", "$.buffers.work.bytes", "from 1 to 68719476736" },
        { "\"bytes\": 300", "\"bytes\": 1.5", "$.buffers.work.bytes", "must be a whole number" },
        { "\"bytes\": 300", "\"bytes\": 68719476737", "$.buffers.work.bytes", "from 1 to 68719476736" },
        { "\"bytes\": 300", "\"bytes\": null", "$.buffers.work.bytes", "must be a whole number" },
        { "\"bytes\": 300", "\"bytes\": \"0KB\"", "$.buffers.work.bytes", "must be from 1 to 68719476736 bytes" },
        { "\"bytes\": 300", "\"bytes\": \"65GB\"", "$.buffers.work.bytes", "must be from 1 to 68719476736 bytes" },
        { "\"bytes\": 300", "\"bytes\": \"lots\"", "$.buffers.work.bytes", "'lots' is not a size" },
        { "\"bytes\": 300", "\"bytes\": \"\\udc00\"", "$.buffers.work.bytes", "half a surrogate pair" },
        { "\"bytes\": 300", "\"bytes\": 300, \"fill\": 0", "$.buffers.work.fill", "unknown member; known here are role, bytes, content" },
        { "\"bytes\": 300", $"\"bytes\": 300, \"content\": {ProgramHash}", "$.buffers.work.content", "a buffer of role scratch starts as zeros" },
        { Scene, "{ \"role\": \"input\", \"bytes\": 1024 }", "$.buffers.scene", "'content' is missing" },
        { Scene, "{ \"role\": \"inout\", \"bytes\": 1024 }", "$.buffers.scene", "'content' is missing" },
        { Scene, "{ \"role\": \"input\", \"bytes\": 1024, \"content\": \"x\" }", "$.buffers.scene.content", "a content hash is" },
        { Work, "\"9work\": { \"role\": \"scratch\", \"bytes\": 300 }", "$.buffers.9work", "'9work' is not a buffer name" },
        { Work, "\"wo-rk\": { \"role\": \"scratch\", \"bytes\": 300 }", "$.buffers.wo-rk", "is not a buffer name" },
        { Work, "\"\": { \"role\": \"scratch\", \"bytes\": 300 }", "$.buffers.", "is not a buffer name" },
        { Work, $"\"{new string('w', 64)}\": {{ \"role\": \"scratch\", \"bytes\": 300 }}", $"$.buffers.{new string('w', 64)}", "is not a buffer name" },
        { Work, $"{Work}, {Work}", "$.buffers.work", "stands twice" },
        { "\"bytes\": \"4KB\"", "\"bytes\": 17179869185", "$.buffers", "outputs have 17179869185 bytes together" },
        { Work, Many(62, i => $"\"b{i}\": {{ \"role\": \"scratch\", \"bytes\": 1 }}"), "$.buffers", "has 65 buffers; at most 64" },
    };

    public static TheoryData<string, string, string, string> Steps => new()
    {
        { Kernel + ", ", "", "$.steps[0]", "'kernel' is missing" },
        { Kernel, "\"kernel\": 7", "$.steps[0].kernel", "must be a string" },
        { Kernel, Kernel + ", \"stream\": 0", "$.steps[0].stream", "unknown member; known here are kernel, grid, block" },
        { Kernel, Kernel + ", \"repeat\": 1", "$.steps[0].repeat", "stands twice" },
        { Grid + ", ", "", "$.steps[0]", "'grid' is missing" },
        { Block + ", ", "", "$.steps[0]", "'block' is missing" },
        { Grid, "\"grid\": 120", "$.steps[0].grid", "must be an array, not 120" },
        { Grid, "\"grid\": []", "$.steps[0].grid", "is empty" },
        { Grid, "\"grid\": [1, 1, 1, 1]", "$.steps[0].grid", "has 4 items; at most 3" },
        { Grid, "\"grid\": [0]", "$.steps[0].grid[0]", "from 1 to 2147483647" },
        { Grid, "\"grid\": [2147483648]", "$.steps[0].grid[0]", "from 1 to 2147483647" },
        { Grid, "\"grid\": [1, 65536]", "$.steps[0].grid[1]", "from 1 to 65535" },
        { Grid, "\"grid\": [1, 1, 65536]", "$.steps[0].grid[2]", "from 1 to 65535" },
        { Grid, "\"grid\": [1, null]", "$.steps[0].grid[1]", "must be a whole number" },
        { Grid, "\"grid\": [\"1\"]", "$.steps[0].grid[0]", "not \"1\"" },
        { Block, "\"block\": []", "$.steps[0].block", "is empty" },
        { Block, "\"block\": {}", "$.steps[0].block", "must be an array" },
        { Block, "\"block\": [1025]", "$.steps[0].block[0]", "from 1 to 1024" },
        { Block, "\"block\": [1, 1025]", "$.steps[0].block[1]", "from 1 to 1024" },
        { Block, "\"block\": [1, 1, 65]", "$.steps[0].block[2]", "from 1 to 64" },
        { Block, "\"block\": [32, 33]", "$.steps[0].block", "has 1056 threads; CUDA allows 1024" },
        { Block, "\"block\": [16, 16, 5]", "$.steps[0].block", "has 1280 threads" },
        { "\"sharedBytes\": 128", "\"sharedBytes\": -1", "$.steps[0].sharedBytes", "from 0 to 232448" },
        { "\"sharedBytes\": 128", "\"sharedBytes\": 232449", "$.steps[0].sharedBytes", "from 0 to 232448" },
        { "\"repeat\": 5", "\"repeat\": 0", "$.steps[0].repeat", "from 1 to 1000000" },
        { "\"repeat\": 5", "\"repeat\": 1000001", "$.steps[0].repeat", "from 1 to 1000000" },
        { "\"steps\": [", "\"steps\": [ 7,", "$.steps[0]", "must be an object, not 7" },
    };

    public static TheoryData<string, string, string, string> Arguments => new()
    {
        { "\"buffer\": \"scene\", \"offset\": 512", "\"buffer\": \"scene\", \"offset\": 1024", Arg + "[0].offset", "from 0 to 1023" },
        { "\"offset\": 512", "\"offset\": -1", Arg + "[0].offset", "from 0 to 1023" },
        { "\"offset\": 512", "\"offset\": \"4\"", Arg + "[0].offset", "must be a whole number" },
        { "{ \"buffer\": \"image\" }", "{ \"buffer\": \"state\", \"offset\": 68719476737 }", Arg + "[1].offset", "from 0 to 68719476736" },
        { "{ \"buffer\": \"image\" }", "{ \"buffer\": \"imago\" }", Arg + "[1].buffer", "unknown buffer 'imago'; known are scene, image, state, work" },
        { "{ \"buffer\": \"image\" }", "{ \"buffer\": 1 }", Arg + "[1].buffer", "must be a string" },
        { U32, "7", Arg + "[2]", "must be an object, not 7" },
        { U32, "{}", Arg + "[2]", "exactly one of buffer, u32, s32, u64, s64, f32, f64, bytes" },
        { U32, "{ \"u32\": 1, \"s32\": 1 }", Arg + "[2]", "exactly one of" },
        { U32, "{ \"offset\": 4 }", Arg + "[2]", "exactly one of" },
        { U32, "{ \"u32\": 1, \"offset\": 4 }", Arg + "[2].offset", "belongs to a buffer argument" },
        { U32, "{ \"u32\": 1, \"u32\": 2 }", Arg + "[2].u32", "stands twice" },
        { U32, "{ \"u32\": 1, \"u16\": 2 }", Arg + "[2].u16", "unknown member" },
        { U32, "{ \"u32\": -1 }", Arg + "[2].u32", "from 0 to 4294967295, not -1" },
        { U32, "{ \"u32\": 4294967296 }", Arg + "[2].u32", "from 0 to 4294967295" },
        { U32, "{ \"u32\": 1.0 }", Arg + "[2].u32", "must be a whole number" },
        { U32, "{ \"u32\": true }", Arg + "[2].u32", "not true" },
        { U32, "{ \"u32\": \"0x10\" }", Arg + "[2].u32", "must be a whole number" },
        { U32, "{ \"u32\": \"\\ud800\" }", Arg + "[2].u32", "must be a whole number" },
        { "{ \"s32\": -32 }", "{ \"s32\": 2147483648 }", Arg + "[3].s32", "from -2147483648 to 2147483647" },
        { "{ \"s32\": -32 }", "{ \"s32\": -2147483649 }", Arg + "[3].s32", "from -2147483648 to 2147483647" },
        { U64, "{ \"u64\": \"18446744073709551616\" }", Arg + "[4].u64", "from 0 to 18446744073709551615" },
        { U64, "{ \"u64\": -1 }", Arg + "[4].u64", "from 0 to 18446744073709551615" },
        { U64, "{ \"u64\": \"\" }", Arg + "[4].u64", "must be a whole number" },
        { U64, "{ \"u64\": null }", Arg + "[4].u64", "not null" },
        { "{ \"s64\": \"-64\" }", "{ \"s64\": \"9223372036854775808\" }", Arg + "[5].s64", "from -9223372036854775808 to 9223372036854775807" },
        { "{ \"s64\": \"-64\" }", "{ \"s64\": [] }", Arg + "[5].s64", "not an array" },
        { F32, "{ \"f32\": \"0.5\" }", Arg + "[6].f32", "must be a number, or \"NaN\"" },
        { F32, "{ \"f32\": \"nan\" }", Arg + "[6].f32", "must be a number, or \"NaN\"" },
        { F32, "{ \"f32\": null }", Arg + "[6].f32", "must be a number" },
        { F32, "{ \"f32\": \"\\ud800\" }", Arg + "[6].f32", "must be a number" },
        { F32, "{ \"f32\": 3.5e38 }", Arg + "[6].f32", "too large for f32" },
        { F64, "{ \"f64\": -1e309 }", Arg + "[7].f64", "too large for f64" },
        { F64, "{ \"f64\": {} }", Arg + "[7].f64", "not an object" },
        { Bytes, "{ \"bytes\": \"A\" }", Arg + "[8].bytes", "is not base64" },
        { Bytes, "{ \"bytes\": \"\" }", Arg + "[8].bytes", "has 0 bytes; 1 to 4352" },
        { Bytes, "{ \"bytes\": [1] }", Arg + "[8].bytes", "must be a string" },
        { Bytes, $"{{ \"bytes\": \"{Convert.ToBase64String(new byte[4353])}\" }}", Arg + "[8].bytes", "has 4353 bytes" },
        { U32, Many(121, _ => U32), Arg, "has 129 items; at most 128" },
    };

    public static TheoryData<string, string, string, string> RequirementsAndTerms => new()
    {
        { Requires, "null", "$.requires", "must be an object, not null" },
        { "\"where\": null", "\"were\": null", "$.requires.were", "unknown member; known here are memory, share" },
        { "\"memory\": \"2GB\"", "\"memory\": 2", "$.requires.memory", "must be a string" },
        { "\"memory\": \"2GB\"", "\"memory\": \"2 gigs\"", "$.requires.memory", "'2 gigs' is not a size" },
        { "\"share\": 0.25", "\"share\": 0", "$.requires.share", "above 0 and up to 1, not 0" },
        { "\"share\": 0.25", "\"share\": 1.001", "$.requires.share", "above 0 and up to 1" },
        { "\"share\": 0.25", "\"share\": -0.5", "$.requires.share", "above 0 and up to 1" },
        { "\"share\": 0.25", "\"share\": \"half\"", "$.requires.share", "above 0 and up to 1" },
        { "\">=7.5\"", "7.5", "$.requires.computeCapability", "must be a string" },
        { "\">=7.5\"", "\"7.5\"", "$.requires.computeCapability", "'7.5' is not a compute capability" },
        { "\">=7.5\"", "\">=7\"", "$.requires.computeCapability", "is not a compute capability" },
        { "\">=7.5\"", "\">=7.10\"", "$.requires.computeCapability", "is not a compute capability" },
        { "\">=7.5\"", "\">=0.9\"", "$.requires.computeCapability", "is not a compute capability" },
        { "\">=7.5\"", "\">=100.0\"", "$.requires.computeCapability", "is not a compute capability" },
        { "\">=7.5\"", "\">=7.5.1\"", "$.requires.computeCapability", "is not a compute capability" },
        { "\"stake\": 0", "\"stakes\": 0", "$.terms.stakes", "unknown member; known here are maxPrice, timeout" },
        { "\"maxPrice\": \"0.75\"", "\"maxPrice\": 0.75", "$.terms.maxPrice", "must be a string, not 0.75" },
        { "\"maxPrice\": \"0.75\"", "\"maxPrice\": \"-1\"", "$.terms.maxPrice", "'-1' is not an amount of credits" },
        { "\"timeout\": \"20m\"", "\"timeout\": 20", "$.terms.timeout", "must be a string" },
        { "\"timeout\": \"20m\"", "\"timeout\": \"20\"", "$.terms.timeout", "'20' is not a duration" },
        { "\"timeout\": \"20m\"", "\"timeout\": \"0s\"", "$.terms.timeout", "above 0 and at most 1d" },
        { "\"timeout\": \"20m\"", "\"timeout\": \"25h\"", "$.terms.timeout", "above 0 and at most 1d" },
        { "\"queueTimeout\": \"2h\"", "\"queueTimeout\": \"8d\"", "$.terms.queueTimeout", "above 0 and at most 7d" },
        { "\"queueTimeout\": \"2h\"", "\"queueTimeout\": \"soon\"", "$.terms.queueTimeout", "is not a duration" },
        { "\"estimate\": \"90s\"", "\"estimate\": \"2d\"", "$.terms.estimate", "above 0 and at most 1d" },
        { "\"estimate\": \"90s\"", "\"estimate\": 90", "$.terms.estimate", "must be a string" },
        { "\"2026-01-31T18:00:00Z\"", "\"tomorrow\"", "$.terms.deadline", "'tomorrow' is not a time" },
        { "\"2026-01-31T18:00:00Z\"", "1769882400", "$.terms.deadline", "must be a string" },
        { "\"attempts\": 4", "\"attempts\": 0", "$.terms.attempts", "from 1 to 10" },
        { "\"attempts\": 4", "\"attempts\": 11", "$.terms.attempts", "from 1 to 10" },
        { "\"attempts\": 4", "\"attempts\": \"4\"", "$.terms.attempts", "must be a whole number" },
        { "\"maxPrice\": \"0.75\"", "\"maxPrice\": \"1000000000.01\"", "$.terms.maxPrice", "up to 1000000000.00" },
        { "\"0.10/h\"", "\"1000000000.01/h\"", "$.terms.delayValue", "up to 1000000000.00" },
        { "\"0.10/h\"", "\"0.10\"", "$.terms.delayValue", "'0.10' is not a rate" },
        { "\"0.10/h\"", "\"x/h\"", "$.terms.delayValue", "is not a rate" },
        { "\"0.10/h\"", "0.1", "$.terms.delayValue", "must be a string" },
        { "\"priority\": 0", "\"priority\": 101", "$.terms.priority", "from -100 to 100" },
        { "\"stake\": 0", "\"stake\": 1001", "$.terms.stake", "from 0 to 1000" },
        { "\"preemptible\": false", "\"preemptible\": 0", "$.terms.preemptible", "must be true or false" },
        { "\"array\": 1", "\"array\": 0", "$.array", "from 1 to 1000000" },
        { "\"array\": 1", "\"array\": 1000001", "$.array", "from 1 to 1000000" },
        { "\"gang\": 1", "\"gang\": 33", "$.gang", "from 1 to 32" },
        { "\"after\": []", "\"after\": null", "$.after", "must be an array" },
        { "\"mode\": \"none\"", "\"mode\": \"trust\"", "$.verification.mode", "'trust' is not a verification mode" },
        { "\"mode\": \"none\"", "\"mode\": 7", "$.verification.mode", "must be a string" },
        { "\"mode\": \"none\"", "\"replicas\": 3", "$.verification.replicas", "goes with a mode" },
        { "\"mode\": \"none\"", "\"fraction\": 0.01", "$.verification.fraction", "goes with a mode" },
        { "\"mode\": \"none\"", "\"mode\": \"sample\", \"fraction\": 0.000009", "$.verification.fraction", "must be a number from 0.00001 to 0.5" },
        { "\"mode\": \"none\"", "\"mode\": \"sample\", \"fraction\": 0.500001", "$.verification.fraction", "must be a number from 0.00001 to 0.5" },
        { "\"mode\": \"none\"", "\"mode\": \"sample\", \"fraction\": \"0.1\"", "$.verification.fraction", "must be a number from 0.00001 to 0.5" },
        { "\"mode\": \"none\"", "\"mode\": \"sample\", \"fraction\": 0.0000101", "$.verification.fraction", "with at most six places" },
        { "\"mode\": \"none\"", "\"mode\": \"sample\", \"confidence\": 1", "$.verification.confidence", "must be a number from 0.5 to 0.999999" },
        { "\"mode\": \"none\"", "\"mode\": \"sample\", \"confidence\": 0.499999", "$.verification.confidence", "must be a number from 0.5 to 0.999999" },
        { "\"mode\": \"none\"", "\"mode\": \"full\", \"budget\": \"0 cpu-seconds\"", "$.verification.budget", "is not a budget" },
        { "\"mode\": \"none\"", "\"mode\": \"full\", \"budget\": \"60s\"", "$.verification.budget", "is not a budget" },
        { "\"mode\": \"none\"", "\"mode\": \"none\", \"depth\": 1", "$.verification.depth", "unknown member; known here are mode, fraction" },
        { "{ \"mode\": \"none\" }", "\"none\"", "$.verification", "must be an object" },
    };

    /// <summary>What is right, and not done yet.</summary>
    public static TheoryData<string, string, string, string> NotYet => new()
    {
        { "\"array\": 1", "\"array\": 2", "$.array", "an array of more than one task" },
        { "\"gang\": 1", "\"gang\": 32", "$.gang", "a gang of more than one slot" },
        { "\"after\": []", "\"after\": [\"0123456789abcdef01234567\"]", "$.after", "waiting for other jobs" },
        { "\"auction\": null", "\"auction\": { \"window\": \"2s\" }", "$.auction", "an auction" },
        { "\"where\": null", "\"where\": \"region == 'eu'\"", "$.requires.where", "the constraint language of 'where'" },
        { Work, "\"work{index}\": { \"role\": \"scratch\", \"bytes\": 300 }", "$.buffers.work{index}", "a buffer name with {index}" },
        { U32, "{ \"index\": \"u32\" }", Arg + "[2].index", "an index argument" },
        { "\"mode\": \"none\"", "\"mode\": \"replicate\"", "$.verification.mode", "verification mode 'replicate'" },
        { "\"mode\": \"none\"", "\"mode\": \"refereed\"", "$.verification.mode", "verification mode 'refereed'" },
        { "\"mode\": \"none\"", "\"mode\": \"full\", \"replicas\": 3", "$.verification.replicas", "'replicas' is" },
        { "\"mode\": \"none\"", "\"mode\": \"full\", \"checkpointEvery\": 3", "$.verification.checkpointEvery", "'checkpointEvery' is" },
        { "\"mode\": \"none\"", "\"mode\": \"full\", \"tolerance\": 3", "$.verification.tolerance", "'tolerance' is" },
        { "\"priority\": 0", "\"priority\": -1", "$.terms.priority", "a priority other than 0" },
        { "\"stake\": 0", "\"stake\": 1", "$.terms.stake", "a stake" },
        { "\"preemptible\": false", "\"preemptible\": true", "$.terms.preemptible", "a preemptible job" },
    };

    [Theory]
    [MemberData(nameof(Document))]
    [MemberData(nameof(Buffers))]
    [MemberData(nameof(Steps))]
    [MemberData(nameof(Arguments))]
    [MemberData(nameof(RequirementsAndTerms))]
    public void What_is_wrong_is_refused_at_its_place(string fragment, string replacement, string path, string message)
    {
        var result = SampleDocument.Read(SampleDocument.With(fragment, replacement));
        Assert.Null(result.Value);
        var error = Assert.Single(result.Errors);
        Assert.Equal(path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.True(error.Supported);
    }

    [Theory]
    [MemberData(nameof(NotYet))]
    public void What_is_not_done_yet_is_refused_by_its_name(string fragment, string replacement, string path, string what)
    {
        var result = SampleDocument.Read(SampleDocument.With(fragment, replacement));
        Assert.Null(result.Value);
        var error = Assert.Single(result.Errors);
        Assert.Equal(path, error.Path);
        Assert.StartsWith(what, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("not supported yet: leave it out", error.Message, StringComparison.Ordinal);
        Assert.False(error.Supported);
    }

    [Theory]
    [InlineData("7", "$", "must be an object, not 7")]
    [InlineData("null", "$", "must be an object, not null")]
    [InlineData("[]", "$", "must be an object, not an array")]
    [InlineData("""{"program":{"ptx":"x"}}""", "$", "'steps' is missing")]
    [InlineData("""{"program":{"ptx":"x"},"steps":[]}""", "$.steps", "is empty")]
    [InlineData("""{"program":{"ptx":"x"},"steps":{}}""", "$.steps", "must be an array")]
    [InlineData("""{"program":{"ptx":"x"},"buffers":[],"steps":[{"kernel":"k","grid":[1],"block":[1]}]}""", "$.buffers", "must be an object")]
    [InlineData("""{"program":{"ptx":"x"},"terms":[],"steps":[{"kernel":"k","grid":[1],"block":[1]}]}""", "$.terms", "must be an object")]
    [InlineData("""{"program":{"ptx":"x"},"steps":[{"kernel":"k","grid":[1],"block":[1],"arguments":[{"buffer":"b"}]}]}""", "$.steps[0].arguments[0].buffer", "the document has no buffers")]
    [InlineData("""{"program":{"ptx":"x"},"steps":[{"kernel":"k","grid":[1],"block":[1],"arguments":{}}]}""", "$.steps[0].arguments", "must be an array")]
    [InlineData("", "$", "is not JSON: line 1, byte 1")]
    [InlineData("{", "$", "is not JSON: line 1, byte 2")]
    [InlineData("{\n  \"name\": render\n}", "$", "is not JSON: line 2, byte 11")]
    [InlineData("{} {}", "$", "is not JSON: line 1, byte 4")]
    [InlineData("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "$", "is not JSON")]
    public void A_document_of_another_shape_is_refused(string text, string path, string message)
    {
        var result = SampleDocument.Read(text);
        Assert.Null(result.Value);
        Assert.Contains(result.Errors, error => error.Path == path && error.Message.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused()
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(SampleDocument.Text);
        bytes[SampleDocument.Text.IndexOf("render", StringComparison.Ordinal)] = 0xff;
        var error = Assert.Single(Core.Documents.JobDocumentReader.Read(bytes).Errors);
        Assert.Equal("$", error.Path);
        Assert.Contains("is not UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_64_steps_are_refused()
    {
        var steps = string.Join(",", Enumerable.Repeat("""{"kernel":"k","grid":[1],"block":[1]}""", JobLimits.Steps + 1));
        var error = Assert.Single(SampleDocument.Read($$"""{"program":{"ptx":"x"},"steps":[{{steps}}]}""").Errors);
        Assert.Equal("$.steps: has 65 items; at most 64 are allowed", error.ToString());
    }

    private static string Many(int count, Func<int, string> item) => string.Join(", ", Enumerable.Range(0, count).Select(item));
}
