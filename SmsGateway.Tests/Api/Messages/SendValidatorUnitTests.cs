using Microsoft.Extensions.Options;

using SmsGateway.Api.Errors;
using SmsGateway.Api.Messages;
using SmsGateway.Core.Messages;

namespace SmsGateway.Tests.Api.Messages;

public sealed class SendValidatorUnitTests
{
    private static readonly SendRequest Good = new() { Recipient = "+491701234567", Message = "hello" };
    private static readonly SendValidator Validator = new(new PhoneNumbers(Options.Create(new NumbersOptions())));

    [Fact]
    public void Validate_least_request_gets_the_defaults()
    {
        var (send, errors) = Validate(Good);
        Assert.Empty(errors);
        Assert.Equal(Priority.Normal, send!.Priority);
        Assert.Equal(86_400, send.ValiditySeconds);
        Assert.Null(send.ScheduledAt);
    }

    [Fact]
    public void Validate_everything_wrong_names_every_field()
    {
        var (send, errors) = Validate(new()
        {
            Message = "",
            Priority = "NORMAL",
            ScheduledAt = "tomorrow",
            Sender = "a name that is long",
            ClientReference = "",
            CallbackUrl = "ftp://example.org/",
            ValiditySeconds = 59,
            MaxCost = new(-1),
        });
        Assert.Null(send);
        Assert.Equal(
            [
                "callback_url", "client_reference", "max_cost", "message", "priority", "recipient", "scheduled_at", "sender",
                "validity_seconds",
            ],
            errors.Order());
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    public void Validate_message_length_counts_characters_not_code_units(int characters, bool isValid)
    {
        string emoji = string.Concat(Enumerable.Repeat("\U0001F600", characters));
        Assert.Equal(isValid, Validate(Good with { Message = emoji }).Send is not null);
        Assert.Equal(isValid, Validate(Good with { Message = new string('a', characters) }).Send is not null);
    }

    [Fact]
    public void Validate_nul_in_a_text_is_refused()
    {
        Assert.Equal(["message"], Validate(Good with { Message = "a\0b" }).Errors);
        Assert.Equal(["client_reference"], Validate(Good with { ClientReference = "\0" }).Errors);
        Assert.Equal(["callback_url"], Validate(Good with { CallbackUrl = "http://a/\0" }).Errors);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("123456789012345", true)]
    [InlineData("1234567890123456", false)]
    [InlineData("+4917012345", true)]
    [InlineData("+", false)]
    [InlineData("", false)]
    [InlineData("ACME", true)]
    [InlineData("ACME & Co 1", true)]
    [InlineData("ACME & Co 12", false)]
    [InlineData("12-34", false)]
    [InlineData(" ACME", false)]
    [InlineData("ACMÉ", false)]
    public void IsSender_takes_numbers_and_short_names(string sender, bool isValid) =>
        Assert.Equal(isValid, SendValidator.IsSender(sender));

    [Theory]
    [InlineData("http://example.org", true)]
    [InlineData("https://example.org:8443/a?b=c", true)]
    [InlineData("https://user:secret@example.org/", false)]
    [InlineData("/relative", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("https://", false)]
    [InlineData("https://example.org/a b", false)]
    [InlineData("https://example.org/\n", false)]
    public void IsHttpUrl_takes_only_absolute_http(string url, bool isValid) => Assert.Equal(isValid, SendValidator.IsHttpUrl(url));

    [Fact]
    public void IsHttpUrl_has_500_characters_at_most()
    {
        string url = "https://example.org/".PadRight(500, 'a');
        Assert.True(SendValidator.IsHttpUrl(url));
        Assert.False(SendValidator.IsHttpUrl(url + "a"));
    }

    private static (Send? Send, string[] Errors) Validate(SendRequest request)
    {
        var errors = default(FieldErrors);
        var send = Validator.Validate(request, ref errors);
        return (send, errors.Any ? [.. errors.ToProblem().Errors!.Keys] : []);
    }
}
