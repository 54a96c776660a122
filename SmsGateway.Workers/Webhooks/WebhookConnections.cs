using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;

using Microsoft.Extensions.Options;

namespace SmsGateway.Workers.Webhooks;

/// <summary>A name of a customer leads to no address that may be called.</summary>
internal sealed class TargetRefusedException() : IOException("the name leads to no public address");

/// <summary>
/// Connections to customers. What is connected to is exactly an address that was checked: the name is not looked up a second time. No proxy,
/// no cookies, no redirects, nothing of a trace; of an answer no more than the head is read.
/// </summary>
internal sealed class WebhookConnections(WebhookTargets targets, IOptions<WebhookOptions> options)
{
    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan IdleConnectionLifetime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(1);

    /// <summary>A body of up to so many bytes is read and thrown away, to use the connection again; at a larger one it is closed.</summary>
    private const int LongestDrainBytes = 4_096;

    private const int LongestHeadKilobytes = 16;

    /// <summary>Addresses of one name that are tried.</summary>
    private const int MostAddresses = 3;

    public HttpMessageInvoker Create() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        Credentials = null,
        ActivityHeadersPropagator = null,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = options.Value.AttemptTimeout < LongestConnect ? options.Value.AttemptTimeout : LongestConnect,
        PooledConnectionLifetime = ConnectionLifetime,
        PooledConnectionIdleTimeout = IdleConnectionLifetime,
        MaxResponseHeadersLength = LongestHeadKilobytes,
        MaxResponseDrainSize = LongestDrainBytes,
        ResponseDrainTimeout = LongestDrain,
        MeterFactory = new UnseenMeters(),
        ConnectCallback = ConnectAsync,
    });

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var found = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var allowed = found.Where(targets.IsAllowed).Take(MostAddresses).ToList();
        SocketException? failure = null;
        foreach (var address in allowed)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException error)
            {
                socket.Dispose();
                failure = error;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failure ?? (Exception)new TargetRefusedException();
    }

    /// <summary>The client's own metrics name the host of each call, and customers name hosts without end: nobody collects these.</summary>
    private sealed class UnseenMeters : IMeterFactory
    {
        private readonly Meter _meter = new("Webhooks.Unseen");

        public Meter Create(MeterOptions options) => _meter;

        public void Dispose() => _meter.Dispose();
    }
}
