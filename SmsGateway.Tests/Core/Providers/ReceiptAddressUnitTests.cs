using SmsGateway.Core.Providers;

namespace SmsGateway.Tests.Core.Providers;

public sealed class ReceiptAddressUnitTests
{
    private static readonly Guid Message = Guid.Parse("019a0000-0000-7000-8000-000000000001");

    [Fact]
    public void IsGenuine_only_for_the_message_the_provider_and_the_secret_that_it_was_made_for()
    {
        string address = ReceiptAddress.Of(new Uri("https://sms.example"), "other", Message, "secret");
        string proof = address[(address.LastIndexOf('/') + 1)..];

        Assert.True(ReceiptAddress.IsGenuine(proof, "other", Message, "secret"));
        Assert.False(ReceiptAddress.IsGenuine(proof, "other", Guid.Parse("019a0000-0000-7000-8000-000000000002"), "secret"));
        Assert.False(ReceiptAddress.IsGenuine(proof, "another", Message, "secret"));
        Assert.False(ReceiptAddress.IsGenuine(proof, "other", Message, "secreT"));
        Assert.False(ReceiptAddress.IsGenuine(proof, "other", Message, ""));
        Assert.False(ReceiptAddress.IsGenuine("", "other", Message, "secret"));
    }

    [Theory]
    [InlineData("SM0123", true)]
    [InlineData("30005", true)]
    [InlineData("a b", false)]
    [InlineData("a\nb", false)]
    [InlineData("<b>", false)]
    [InlineData("ä", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Check_lets_plausible_ids_through(string? text, bool isKept) => Assert.Equal(isKept ? text : null, ProviderText.Check(text));

    [Fact]
    public void Check_too_long_is_none() => Assert.Null(ProviderText.Check(new string('x', ProviderText.MaxLength + 1)));
}
