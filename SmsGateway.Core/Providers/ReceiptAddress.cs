using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SmsGateway.Core.Providers;

/// <summary>
/// Where a provider of the kind <c>http</c> reports on one message. The address ends with an HMAC-SHA256 of provider and message by the provider's
/// secret: only whom we gave it to can know it, and it is good for that message alone.
/// </summary>
public static class ReceiptAddress
{
    /// <summary>The address as the provider gets it.</summary>
    public static string Of(Uri publicUrl, string provider, Guid message, string secret) =>
        HttpAddress.Append(publicUrl, $"/api/receipts/http/{provider}/{message:D}/{Proof(provider, message, secret)}");

    /// <summary>Whether an address was given out by us; compares in constant time.</summary>
    public static bool IsGenuine(string proof, string provider, Guid message, string secret) =>
        secret.Length > 0
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(proof), Encoding.UTF8.GetBytes(Proof(provider, message, secret)));

    private static string Proof(string provider, Guid message, string secret) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{provider} {message:D}")));
}
