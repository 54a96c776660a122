using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using SmsGateway.Api.Errors;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Providers;

namespace SmsGateway.Api.Receipts;

/// <summary>
/// Takes the receipts of providers of the kind <c>http</c>: JSON, at an address that was given to the provider for one message and that nobody
/// else can know (<see cref="ReceiptAddress"/>).
/// </summary>
internal sealed class HttpReceiptHandler(
    ReceiptStore store, IOptions<ReceiptProviders> providers, ReceiptMetrics metrics, ILogger<HttpReceiptHandler> log)
{
    public async Task<Results<NoContent, Problem>> TakeAsync(
        string providerName, string messageId, string proof, HttpRequest request, CancellationToken cancellationToken)
    {
        var provider = providers.Value.Providers.Find(one => one.Name == providerName && one.Kind == ReceiptProvider.HttpKind);
        if (provider is null || !MessageId.TryParse(messageId, out var id))
        {
            return new Problem(ProblemTypes.NotFound, "There is no such provider, or the message id is none of this gateway.");
        }

        if (!ReceiptAddress.IsGenuine(proof, provider.Name, id, provider.AuthToken))
        {
            metrics.Refused(provider.Name);
            Log.ReceiptRefused(log, provider.Name);
            return new Problem(ProblemTypes.InvalidSignature);
        }

        if (!request.HasJsonContentType())
        {
            return new Problem(ProblemTypes.UnsupportedMediaType);
        }

        try
        {
            using var receipt = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellationToken);
            var fields = provider.Receipt;
            if (StateOf(fields, JsonField.Read(receipt.RootElement, fields.StatusField)) is { } state)
            {
                string? error = JsonField.Read(receipt.RootElement, fields.ErrorField);
                await store.StoreAsync(provider.Name, id, state, JsonField.Read(receipt.RootElement, fields.IdField), error, cancellationToken);
            }

            return TypedResults.NoContent();
        }
        catch (JsonException malformed)
        {
            return new Problem(ProblemTypes.InvalidRequest, $"The receipt is no JSON: error at byte {malformed.BytePositionInLine}.");
        }
    }

    private static MessageState? StateOf(HttpReceiptOptions fields, string? status) =>
        status is not null && fields.Statuses.TryGetValue(status, out string? name) && MessageStates.TryParse(name, out var state) ? state : null;
}
