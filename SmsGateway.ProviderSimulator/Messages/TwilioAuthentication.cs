using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>HTTP basic authentication with AccountSid and AuthToken; the path must name the same account.</summary>
internal sealed class TwilioAuthentication(IOptions<TwilioAccountOptions> options)
{
    private const string Scheme = "Basic ";

    private readonly string _accountSid = options.Value.AccountSid;
    private readonly string _credentials =
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.Value.AccountSid}:{options.Value.AuthToken}"));

    public bool Allows(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(
                MemoryMarshal.AsBytes(header.AsSpan(Scheme.Length).Trim()), MemoryMarshal.AsBytes(_credentials.AsSpan()))
            && string.Equals(context.Request.RouteValues["accountSid"] as string, _accountSid, StringComparison.Ordinal);
    }
}
