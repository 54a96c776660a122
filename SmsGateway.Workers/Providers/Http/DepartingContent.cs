using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace SmsGateway.Workers.Providers.Http;

/// <summary>A body that leaves by a departure: the transport writes content only on a connection that stands.</summary>
internal sealed class DepartingContent : HttpContent
{
    private readonly byte[] _body;
    private readonly Departure _departure;

    public DepartingContent(string body, string contentType, Departure departure)
    {
        _body = Encoding.UTF8.GetBytes(body);
        _departure = departure;
        Headers.ContentType = new MediaTypeHeaderValue(contentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await _departure.LeaveAsync(cancellationToken);
        await stream.WriteAsync(_body, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
