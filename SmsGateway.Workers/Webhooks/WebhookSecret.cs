using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SmsGateway.Workers.Webhooks;

/// <summary>
/// The key that an account's webhooks are signed with, in the form of Standard Webhooks (https://www.standardwebhooks.com): <c>whsec_</c> and
/// base64. Not printed by accident: only <see cref="Reveal"/> tells it.
/// </summary>
internal sealed class WebhookSecret(byte[] key)
{
    private const string Prefix = "whsec_";
    private const int LengthBytes = 32;

    public byte[] Key => key;

    public static WebhookSecret New() => new(RandomNumberGenerator.GetBytes(LengthBytes));

    /// <exception cref="FormatException">It is not <c>whsec_</c> and base64.</exception>
    public static WebhookSecret Parse(string text) => text.StartsWith(Prefix, StringComparison.Ordinal)
        ? new(Convert.FromBase64String(text[Prefix.Length..]))
        : throw new FormatException($"a webhook secret begins with {Prefix}");

    /// <summary>For the customer's eyes.</summary>
    public string Reveal() => Prefix + Convert.ToBase64String(key);

    /// <summary>The signature of one call: <c>v1,</c> and the base64 of HMAC-SHA256 over id, time and body with dots between.</summary>
    /// <param name="id">The header <c>webhook-id</c>.</param>
    /// <param name="timestamp">The header <c>webhook-timestamp</c>: seconds since 1970.</param>
    /// <param name="body">Byte for byte what is sent.</param>
    public string Sign(string id, long timestamp, byte[] body)
    {
        byte[] content = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, content));
    }
}
