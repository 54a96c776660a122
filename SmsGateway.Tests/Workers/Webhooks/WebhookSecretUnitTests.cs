using System.Text;

using SmsGateway.Workers.Webhooks;

namespace SmsGateway.Tests.Workers.Webhooks;

public sealed class WebhookSecretUnitTests
{
    /// <summary>The test vector that the libraries of Standard Webhooks share.</summary>
    [Fact]
    public void Sign_vector_of_the_standard_gives_its_signature()
    {
        var secret = WebhookSecret.Parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        string signature = secret.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, Encoding.UTF8.GetBytes("{\"test\": 2432232314}"));

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Fact]
    public void New_secret_is_read_back_and_not_printed_by_accident()
    {
        var secret = WebhookSecret.New();

        Assert.Equal(secret.Key, WebhookSecret.Parse(secret.Reveal()).Key);
        Assert.Equal(32, secret.Key.Length);
        Assert.DoesNotContain(secret.Reveal()[6..], $"{secret}", StringComparison.Ordinal);
    }
}
