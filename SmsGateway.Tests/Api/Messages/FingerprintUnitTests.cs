using SmsGateway.Api.Messages;
using SmsGateway.Core.Messages;

namespace SmsGateway.Tests.Api.Messages;

public sealed class FingerprintUnitTests
{
    private static readonly Send Base = new()
    {
        Recipient = "+491701234567",
        Text = "hello",
        Priority = Priority.Normal,
        ValiditySeconds = 60,
    };

    [Fact]
    public void Of_is_32_hex_characters() => Assert.Matches("^[0-9a-f]{32}$", Fingerprint.Of(Base));

    [Fact]
    public void Of_equal_sends_is_equal() => Assert.Equal(Fingerprint.Of(Base), Fingerprint.Of(Base with { }));

    [Fact]
    public void Of_sends_that_differ_in_one_field_differ()
    {
        Send[] sends =
        [
            Base, Base with { Recipient = "+491701234568" }, Base with { Text = "hello!" }, Base with { Priority = Priority.Express },
            Base with { ValiditySeconds = 61 }, Base with { Sender = "a" }, Base with { ClientReference = "a" },
            Base with { CallbackUrl = "a" }, Base with { ScheduledAt = DateTimeOffset.UnixEpoch }, Base with { MaxCost = new(0) },
        ];
        Assert.Equal(sends.Length, sends.Select(Fingerprint.Of).Distinct().Count());
    }

    [Fact]
    public void Of_fields_that_run_together_differ() =>
        Assert.NotEqual(
            Fingerprint.Of(Base with { Sender = "ab", ClientReference = "c" }),
            Fingerprint.Of(Base with { Sender = "a", ClientReference = "bc" }));

    [Fact]
    public void Of_the_longest_send_fits() => Fingerprint.Of(Base with
    {
        Recipient = "+" + new string('1', 15),
        Text = new string('x', 2 * SendRules.LongestMessage),
        Sender = new string('1', 16),
        ClientReference = new string('x', 2 * SendRules.LongestReference),
        CallbackUrl = new string('x', 2 * SendRules.LongestUrl),
    });
}
