using System.Collections.Concurrent;
using System.Text;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>A span as its exporter sent it.</summary>
internal sealed record ReceivedSpan(string Trace, string Id, string Parent, string Name, IReadOnlyList<string> LinkedTraces, IReadOnlyDictionary<string, string> Tags);

/// <summary>A collector that takes spans by OTLP over HTTP (protobuf) and keeps them. Other signals are answered and forgotten.</summary>
internal sealed class SpanReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    public SpanReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/v1/{signal}", TakeAsync);
        _app.Start();
    }

    public string Address => _app.Urls.Single();

    public ConcurrentQueue<ReceivedSpan> Spans { get; } = [];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        if (signal != "traces")
        {
            return;
        }

        // ExportTraceServiceRequest.resource_spans = 1, ResourceSpans.scope_spans = 2, ScopeSpans.spans = 2.
        foreach (var span in Inner(body.ToArray(), 1).SelectMany(resource => Inner(resource, 2)).SelectMany(scope => Inner(scope, 2)))
        {
            // Span: trace_id 1, span_id 2, parent_span_id 4, name 5, attributes 9 (key 1, value 2), links 13 (trace_id 1).
            Spans.Enqueue(new(
                Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5),
                [.. Inner(span, 13).Select(link => Hex(link, 1))],
                Inner(span, 9).ToDictionary(tag => Text(tag, 1), tag => Text(Inner(tag, 2).FirstOrDefault(), 1), StringComparer.Ordinal)));
        }
    }

    private static string Hex(ReadOnlyMemory<byte> message, int field) => Convert.ToHexStringLower(Inner(message, field).FirstOrDefault().Span);

    private static string Text(ReadOnlyMemory<byte> message, int field) => Encoding.UTF8.GetString(Inner(message, field).FirstOrDefault().Span);

    /// <summary>The values of a field whose wire type is "length-delimited".</summary>
    private static List<ReadOnlyMemory<byte>> Inner(ReadOnlyMemory<byte> message, int field)
    {
        var values = new List<ReadOnlyMemory<byte>>();
        for (int at = 0; at < message.Length;)
        {
            ulong tag = ReadNumber(message.Span, ref at);
            switch (tag & 7)
            {
                case 0:
                    ReadNumber(message.Span, ref at);
                    break;
                case 1:
                    at += sizeof(ulong);
                    break;
                case 2:
                    int length = (int)ReadNumber(message.Span, ref at);
                    if ((int)(tag >> 3) == field)
                    {
                        values.Add(message.Slice(at, length));
                    }

                    at += length;
                    break;
                default:
                    at += sizeof(uint);
                    break;
            }
        }

        return values;
    }

    private static ulong ReadNumber(ReadOnlySpan<byte> message, ref int at)
    {
        ulong number = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = message[at++];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }
    }
}
