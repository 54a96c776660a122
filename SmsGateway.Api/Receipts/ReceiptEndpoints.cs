using Microsoft.AspNetCore.Http.HttpResults;

using SmsGateway.Api.Errors;

namespace SmsGateway.Api.Receipts;

/// <summary>Delivery receipts of providers: verified, then put on the way that all outcomes take.</summary>
internal static class ReceiptEndpoints
{
    public static RouteGroupBuilder MapReceipts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/receipts").WithTags("Receipts").AddEndpointFilter(ReceiptTracing.TraceAsync);
        group.MapPost("/twilio/{provider}/{messageId}", TakeTwilioAsync)
            .WithSummary("Take a status callback of a provider that speaks Twilio's protocol")
            .ProducesProblems(400, 403, 404, 413, 415, 503);
        group.MapPost("/http/{provider}/{messageId}/{proof}", TakeHttpAsync)
            .WithSummary("Take a receipt in JSON, at the address that was given to the provider for this message alone")
            .ProducesProblems(400, 403, 404, 413, 415, 503);
        return group;
    }

    private static Task<Results<NoContent, Problem>> TakeTwilioAsync(
        string provider, string messageId, HttpRequest request, ReceiptHandler handler, CancellationToken cancellationToken) =>
        handler.TakeTwilioAsync(provider, messageId, request, cancellationToken);

    private static Task<Results<NoContent, Problem>> TakeHttpAsync(
        string provider, string messageId, string proof, HttpRequest request, HttpReceiptHandler handler, CancellationToken cancellationToken) =>
        handler.TakeAsync(provider, messageId, proof, request, cancellationToken);
}
