using System.Security.Cryptography;
using System.Text;

namespace SmsGateway.Api.Receipts;

/// <summary>
/// Twilio's signature of a callback: the HMAC-SHA1, by the account's auth token, of the full URL followed by the name and value of each
/// form parameter in the order of the names (https://www.twilio.com/docs/usage/security#validating-requests).
/// </summary>
internal static class TwilioSignature
{
    public const string Header = "X-Twilio-Signature";

    public static byte[] Compute(string authToken, string url, IEnumerable<KeyValuePair<string, string>> form)
    {
        var text = new StringBuilder(url);
        foreach (var (name, value) in form.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            text.Append(name).Append(value);
        }

        // The protocol prescribes SHA-1; as an HMAC it is not broken.
#pragma warning disable CA5350
        return HMACSHA1.HashData(Encoding.UTF8.GetBytes(authToken), Encoding.UTF8.GetBytes(text.ToString()));
#pragma warning restore CA5350
    }

    /// <summary>Compares in constant time.</summary>
    public static bool IsValid(string? signature, string authToken, string url, IEnumerable<KeyValuePair<string, string>> form)
    {
        Span<byte> claimed = stackalloc byte[HMACSHA1.HashSizeInBytes];
        return authToken.Length > 0 && signature is not null
            && Convert.TryFromBase64String(signature, claimed, out int length) && length == HMACSHA1.HashSizeInBytes
            && CryptographicOperations.FixedTimeEquals(claimed, Compute(authToken, url, form));
    }
}
