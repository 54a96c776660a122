using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SmsGateway.Tests.ProviderSimulator;

/// <summary>A receipt as it arrived; the signature was checked by code that shares nothing with the simulator's.</summary>
internal sealed record ReceivedReceipt(IReadOnlyDictionary<string, string> Fields, bool SignatureIsRight, string ConnectionId)
{
    public string Status => Fields["MessageStatus"];

    public string Sid => Fields["MessageSid"];
}

/// <summary>The gateway's side: takes receipts over HTTP and answers as the test says.</summary>
internal sealed class ReceiptReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;
    private readonly Channel<ReceivedReceipt> _received = Channel.CreateUnbounded<ReceivedReceipt>();
    private readonly ConcurrentQueue<int> _answers = new();

    private ReceiptReceiver(WebApplication app) => _app = app;

    public static async Task<ReceiptReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new ReceiptReceiver(builder.Build());
        receiver._app.MapPost("/receipts/{id}", receiver.TakeAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    public string UrlFor(Guid id) => $"{_app.Urls.Single()}/receipts/{id}?source=a%20b";

    /// <summary>Statuses of the next answers, in order; 204 after them.</summary>
    public void AnswerNextWith(params int[] statuses)
    {
        foreach (var status in statuses)
        {
            _answers.Enqueue(status);
        }
    }

    public async Task<ReceivedReceipt> NextAsync()
    {
        using var late = new CancellationTokenSource(Patience);
        return await _received.Reader.ReadAsync(late.Token);
    }

    public async Task<string[]> NextStatusesAsync(int count)
    {
        var statuses = new string[count];
        for (var i = 0; i < count; i++)
        {
            statuses[i] = (await NextAsync()).Status;
        }

        return statuses;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var fields = form.ToDictionary(field => field.Key, field => field.Value.ToString());
        var signed = new StringBuilder($"{_app.Urls.Single()}{context.Request.Path}{context.Request.QueryString}");
        foreach (var name in fields.Keys.Order(StringComparer.Ordinal))
        {
            signed.Append(name).Append(fields[name]);
        }

        using var hmac = new HMACSHA1(Encoding.UTF8.GetBytes(SimulatorUnderTest.AuthToken));
        var expected = Convert.ToBase64String(hmac.ComputeHash(Encoding.UTF8.GetBytes(signed.ToString())));
        context.Response.StatusCode = _answers.TryDequeue(out var status) ? status : StatusCodes.Status204NoContent;
        var signatureIsRight = expected == context.Request.Headers["X-Twilio-Signature"];
        _received.Writer.TryWrite(new ReceivedReceipt(fields, signatureIsRight, context.Connection.Id));
    }
}
