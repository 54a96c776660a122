using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

using SmsGateway.Api.Accounts;
using SmsGateway.Api.Errors;
using SmsGateway.Api.OpenApi;
using SmsGateway.Core.Accounts;

namespace SmsGateway.Api.Bulk;

/// <summary>Many messages in one call.</summary>
internal static class BulkEndpoints
{
    public static IHostApplicationBuilder AddBulk(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<BulkValidator>();
        builder.Services.AddSingleton<BulkAcceptor>();
        builder.Services.AddSingleton<BulkHandler>();
        return builder;
    }

    public static RouteHandlerBuilder MapBulk(this IEndpointRouteBuilder routes) => routes
        .MapPost("/api/sms/bulk", SendAsync)
        .WithTags("Messages")
        .RequireRight(Rights.Send, SuspendedAccounts.Refused)
        .WithSummary("Send up to 10,000 messages, all or none")
        .WithMetadata(new RequestSizeLimitAttribute(BulkHandler.MaxBytes))
        .WithMetadata(new TakesRequestId())
        .Accepts<BulkRequest>("application/json")
        .ProducesProblems(400, 401, 402, 403, 413, 415, 422, 503);

    private static Task<Results<AcceptedBulk, Ok<BulkDryRunAnswer>, Problem>> SendAsync(
        HttpRequest request, Caller caller, BulkHandler handler, CancellationToken cancellationToken) =>
        handler.SendAsync(request, caller, cancellationToken);
}
