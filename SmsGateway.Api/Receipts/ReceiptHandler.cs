using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using SmsGateway.Api.Errors;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Providers;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Api.Receipts;

/// <summary>Takes one receipt. It is acknowledged only when Redis has it: a provider repeats what was not.</summary>
internal sealed class ReceiptHandler(
    IConnectionMultiplexer connection, Shards shards, IOptions<ReceiptProviders> providers, IOptions<ReceiptsOptions> receipts,
    IOptions<RedisOptions> redis, ReceiptMetrics metrics, TimeProvider time, ILogger<ReceiptHandler> log)
{
    public async Task<Results<NoContent, Problem>> TakeTwilioAsync(
        string providerName, string messageId, HttpRequest request, CancellationToken cancellationToken)
    {
        var provider = providers.Value.Providers.Find(one => one.Name == providerName && one.Kind == ReceiptProvider.Twilio);
        if (provider is null || receipts.Value.PublicUrl is not { } publicUrl || !MessageId.TryParse(messageId, out var id))
        {
            return new Problem(ProblemTypes.NotFound, "There is no such provider, or the message id is none of this gateway.");
        }

        if (!request.HasFormContentType)
        {
            return new Problem(ProblemTypes.UnsupportedMediaType);
        }

        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(cancellationToken);
        }
        catch (InvalidDataException malformed)
        {
            return new Problem(ProblemTypes.InvalidRequest, malformed.Message);
        }

        string path = request.PathBase.ToUriComponent() + request.Path.ToUriComponent() + request.QueryString.ToUriComponent();
        string url = HttpAddress.Append(publicUrl, path);
        var fields = form.SelectMany(field => field.Value.Select(value => KeyValuePair.Create(field.Key, value ?? "")));
        if (!TwilioSignature.IsValid(request.Headers[TwilioSignature.Header], provider.AuthToken, url, fields))
        {
            metrics.Refused(provider.Name);
            Log.ReceiptRefused(log, provider.Name);
            return new Problem(ProblemTypes.InvalidSignature);
        }

        if (StateOf(form["MessageStatus"]) is { } state)
        {
            await StoreAsync(new()
            {
                Id = id,
                State = state,
                At = time.GetUtcNow(),
                Provider = provider.Name,
                ProviderMessageId = NullIfEmpty(form["MessageSid"]),
                ErrorCode = NullIfEmpty(form["ErrorCode"]),
            }, cancellationToken);
            metrics.Taken(provider.Name, state);
        }

        return TypedResults.NoContent();
    }

    /// <summary>What Twilio's status means here; null for those that say nothing new, such as queued and sending.</summary>
    internal static MessageState? StateOf(string? status) => status switch
    {
        "sent" => MessageState.Sent,
        "delivered" => MessageState.Delivered,
        "undelivered" => MessageState.Undelivered,
        "failed" => MessageState.Failed,
        _ => null,
    };

    private Task StoreAsync(Outcome outcome, CancellationToken cancellationToken) =>
        connection.GetDatabase()
            .ListRightPushAsync(shards.Of(outcome.Id).StatusBuffer, MessageJson.Write(outcome))
            .WaitAsync(redis.Value.Timeout, time, cancellationToken);

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
