using FsCheck;
using FsCheck.Fluent;

using SmsGateway.Core.Text;

namespace SmsGateway.Tests.Core.Text;

public sealed class SegmentationUnitTests
{
    [Theory]
    [InlineData("", SmsEncoding.Gsm7, 0, 1)]
    [InlineData("hello", SmsEncoding.Gsm7, 5, 1)]
    [InlineData("{€}", SmsEncoding.Gsm7, 6, 1)]
    [InlineData("@Δ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ", SmsEncoding.Gsm7, 17, 1)]
    [InlineData("ç", SmsEncoding.Ucs2, 1, 1)]
    [InlineData("\u001B", SmsEncoding.Ucs2, 1, 1)]
    [InlineData("Привет", SmsEncoding.Ucs2, 6, 1)]
    [InlineData("👍", SmsEncoding.Ucs2, 2, 1)]
    public void Of_text_measures_by_the_alphabet(string text, SmsEncoding encoding, int units, int segments) =>
        Assert.Equal(new Segmentation(encoding, units, segments), Segmentation.Of(text));

    [Theory]
    [InlineData('a', 160, 1)]
    [InlineData('a', 161, 2)]
    [InlineData('a', 306, 2)]
    [InlineData('a', 307, 3)]
    [InlineData('€', 80, 1)]
    [InlineData('€', 81, 2)]
    [InlineData('€', 152, 2)]
    [InlineData('€', 153, 3)]
    [InlineData('я', 70, 1)]
    [InlineData('я', 71, 2)]
    [InlineData('я', 134, 2)]
    [InlineData('я', 135, 3)]
    public void Of_repeated_character_counts_segments(char character, int count, int segments) =>
        Assert.Equal(segments, Segmentation.Of(new string(character, count)).Segments);

    [Fact]
    public void Split_escape_pair_at_the_border_moves_it_whole()
    {
        string text = new string('a', 152) + "€" + new string('b', 10);

        var segments = Segmentation.Split(text);

        Assert.Equal([new string('a', 152), "€" + new string('b', 10)], segments);
    }

    [Fact]
    public void Split_surrogate_pair_at_the_border_moves_it_whole()
    {
        string text = new string('я', 66) + "👍" + new string('я', 5);

        var segments = Segmentation.Split(text);

        Assert.Equal([new string('я', 66), "👍" + new string('я', 5)], segments);
    }

    [Fact]
    public void Split_any_text_joins_to_the_text_and_fits()
    {
        const string alphabet = "aZ5@€{^ç\nяΔ👍\u001B ";
        var texts = Gen.Elements(alphabet.EnumerateRunes().Select(rune => rune.ToString()).ToArray()).ArrayOf().Select(string.Concat).ToArbitrary();

        Prop.ForAll(texts, text =>
        {
            string longer = string.Concat(Enumerable.Repeat(text, 20));
            var measured = Segmentation.Of(longer);
            var segments = Segmentation.Split(longer);
            int limit = measured.Encoding == SmsEncoding.Gsm7
                ? segments.Count == 1 ? Segmentation.SingleSeptets : Segmentation.ConcatenatedSeptets
                : segments.Count == 1 ? Segmentation.SingleCodeUnits : Segmentation.ConcatenatedCodeUnits;
            return string.Concat(segments) == longer
                && segments.Count == measured.Segments
                && segments.TrueForAll(segment => Units(segment, measured.Encoding) <= limit && IsWhole(segment));
        }).QuickCheckThrowOnFailure();
    }

    private static int Units(string segment, SmsEncoding encoding) =>
        encoding == SmsEncoding.Gsm7 ? segment.Sum(Gsm7Alphabet.Septets) : segment.Length;

    private static bool IsWhole(string segment) =>
        segment.Length == 0 || !(char.IsLowSurrogate(segment[0]) || char.IsHighSurrogate(segment[^1]));
}
