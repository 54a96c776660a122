using SmsGateway.Api.Receipts;
using SmsGateway.Core.Messages;

namespace SmsGateway.Tests.Api.Receipts;

public sealed class TwilioSignatureUnitTests
{
    // The example of Twilio's documentation.
    private const string Token = "12345";
    private const string Url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    private const string Signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

    private static readonly Dictionary<string, string> Form = new()
    {
        ["To"] = "+18005551212",
        ["CallSid"] = "CA1234567890ABCDE",
        ["From"] = "+14158675309",
        ["Digits"] = "1234",
        ["Caller"] = "+14158675309",
    };

    [Fact]
    public void IsValid_documented_example_is_valid() => Assert.True(TwilioSignature.IsValid(Signature, Token, Url, Form));

    [Fact]
    public void IsValid_anything_changed_is_invalid()
    {
        Assert.False(TwilioSignature.IsValid(Signature, "12346", Url, Form));
        Assert.False(TwilioSignature.IsValid(Signature, Token, Url + "x", Form));
        Assert.False(TwilioSignature.IsValid(Signature, Token, Url, new Dictionary<string, string>(Form) { ["Digits"] = "1235" }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("RSOYDt4T1cUTdK1PDd93")]
    [InlineData("RSOYDt4T1cUTdK1PDd93/VVr8B8RSOYDt4T1cUTdK1PDd93=")]
    public void IsValid_no_signature_is_invalid(string? signature) => Assert.False(TwilioSignature.IsValid(signature, Token, Url, Form));

    [Fact]
    public void IsValid_without_a_secret_nothing_is_valid()
    {
        string forged = Convert.ToBase64String(TwilioSignature.Compute("", Url, Form));
        Assert.False(TwilioSignature.IsValid(forged, "", Url, Form));
    }

    [Theory]
    [InlineData("sent", MessageState.Sent)]
    [InlineData("delivered", MessageState.Delivered)]
    [InlineData("undelivered", MessageState.Undelivered)]
    [InlineData("failed", MessageState.Failed)]
    [InlineData("queued", null)]
    [InlineData("sending", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void StateOf_maps_what_says_something_new(string? status, MessageState? state) =>
        Assert.Equal(state, ReceiptHandler.StateOf(status));
}
