using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace SmsGateway.ProviderSimulator.Receipts;

/// <summary>
/// <c>X-Twilio-Signature</c>: base64 of HMAC-SHA1, keyed with the auth token, over the url followed by name and value of every
/// POST parameter in the order of the names (https://www.twilio.com/docs/usage/security#validating-requests).
/// </summary>
internal sealed class TwilioSignature(string authToken)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(authToken);
    private readonly ArrayBufferWriter<byte> _signed = new(512);

    /// <summary>Signs; the parameters come in ordinal order of their names. Not thread-safe, since it keeps its buffer.</summary>
    public string Sign(string url, ReadOnlySpan<(string Name, string Value)> sortedParameters)
    {
        _signed.ResetWrittenCount();
        Encoding.UTF8.GetBytes(url, _signed);
        foreach (var (name, value) in sortedParameters)
        {
            Encoding.UTF8.GetBytes(name, _signed);
            Encoding.UTF8.GetBytes(value, _signed);
        }

        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(_key, _signed.WrittenSpan, hash);
        return Convert.ToBase64String(hash);
    }
}
