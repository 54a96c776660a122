using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using SmsGateway.Api.Errors;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Providers;

namespace SmsGateway.Api.Receipts;

/// <summary>Takes the receipts of providers that speak Twilio's protocol.</summary>
internal sealed class ReceiptHandler(
    ReceiptStore store, IOptions<ReceiptProviders> providers, IOptions<ReceiptsOptions> receipts, ReceiptMetrics metrics,
    ILogger<ReceiptHandler> log)
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
            await store.StoreAsync(provider.Name, id, state, form["MessageSid"], form["ErrorCode"], cancellationToken);
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
}
