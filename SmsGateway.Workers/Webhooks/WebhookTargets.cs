using System.Net;

using Microsoft.Extensions.Options;

namespace SmsGateway.Workers.Webhooks;

/// <summary>
/// Which addresses may be called on behalf of a customer: public ones. Whoever names a callback_url must not reach through us what only we can reach:
/// this machine, its network, the cloud's metadata service. The networks are those of IANA's special-purpose registries (RFC 6890).
/// </summary>
internal sealed class WebhookTargets(IOptions<WebhookOptions> options)
{
    private static readonly IPNetwork[] Closed4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>The one part of IPv6 that is public: loopback, unique local, link-local, multicast and NAT64 lie outside.</summary>
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    /// <summary>Protocol assignments with Teredo, documentation, and 6to4, which holds an IPv4 address of any kind.</summary>
    private static readonly IPNetwork[] Closed6 =
        [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    private readonly IPNetwork[] _allowed = [.. options.Value.AllowedNetworks.Select(IPNetwork.Parse)];
    private readonly WebhookTransport _transport = options.Value.Transport;

    /// <summary>Why a callback_url is never called; null where it may be.</summary>
    public string? WhyNot(string text, out Uri? url)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
            || url.Host.Length == 0 || url.UserInfo.Length > 0)
        {
            return "url_invalid";
        }

        if (url.Scheme == Uri.UriSchemeHttp && _transport == WebhookTransport.Https)
        {
            return "url_not_https";
        }

        return url.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 && !(IPAddress.TryParse(url.DnsSafeHost, out var address) && IsAllowed(address))
            ? "address_not_allowed"
            : null;
    }

    public bool IsAllowed(IPAddress address)
    {
        var real = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IsPublic(real) || _allowed.Any(network => network.Contains(real));
    }

    private static bool IsPublic(IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
        ? !Closed4.Any(network => network.Contains(address))
        : Global6.Contains(address) && !Closed6.Any(network => network.Contains(address));
}
