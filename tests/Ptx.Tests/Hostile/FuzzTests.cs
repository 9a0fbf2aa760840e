using System.Globalization;

namespace Broker.Ptx.Tests.Hostile;

/// <summary>Tries spoilt texts: whatever they hold, the engine neither crashes nor hangs, and one result is the same in lanes.</summary>
/// <remarks>
/// Every run replays the corpus and tries a few hundred new texts. <c>BROKER_FUZZ=20</c> tries others for twenty minutes, from the seed
/// <c>BROKER_FUZZ_FROM</c> on, and keeps its notes in the folder <c>broker-fuzz</c> of the machine's temporary files: the text on trial, should
/// the process die; those that failed; and those, cut short, which showed what none had shown before, as candidates for the corpus.
/// </remarks>
public class FuzzTests
{
    private const int FewTexts = 300;

    private static readonly string? Minutes = Environment.GetEnvironmentVariable("BROKER_FUZZ");
    private static readonly int From = int.Parse(Environment.GetEnvironmentVariable("BROKER_FUZZ_FROM") ?? "1", CultureInfo.InvariantCulture);

    public static TheoryData<string> Corpus => new(PtxTexts.Corpus.Keys.Order());

    [Theory]
    [MemberData(nameof(Corpus))]
    public void Text_that_was_interesting_once_does_no_harm(string name) => Watched.Try(PtxTexts.Corpus[name]);

    [Fact]
    public void Spoilt_texts_do_no_harm()
    {
        if (Minutes is not null)
        {
            TryFor(TimeSpan.FromMinutes(double.Parse(Minutes, CultureInfo.InvariantCulture)));
            return;
        }

        foreach (var seed in Enumerable.Range(0, FewTexts))
        {
            var text = new TextMutator(seed, PtxTexts.Seeds).Next();
            if (Watched.Find(text) is { } failure) Assert.Fail($"seed {seed}: {failure}\n{text}");
        }
    }

    private static void TryFor(TimeSpan time)
    {
        var (end, notes) = (DateTime.UtcNow + time, new FuzzNotes(From));
        foreach (var text in PtxTexts.Seeds) notes.Try(text);
        for (var seed = From; DateTime.UtcNow < end; seed++) notes.Try(new TextMutator(seed, PtxTexts.Seeds).Next());
        notes.Close();
        Assert.Empty(notes.Failures);
    }
}
