using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;

using Microsoft.AspNetCore.Http.Metadata;

using SmsGateway.Api.Json;
using SmsGateway.Api.Messages;
using SmsGateway.Api.Requests;
using SmsGateway.Core.Money;

namespace SmsGateway.Api.Bulk;

/// <summary>The answer to an accepted bulk.</summary>
internal sealed record BulkAnswer
{
    [Description("Always true.")]
    public bool Success { get; init; } = true;

    [Description("The answer in words.")]
    public string Message { get; init; } = "The messages are accepted";

    [Description("How many messages.")]
    public required int Count { get; init; }

    [Description("What the account was charged for all, in credits.")]
    public required Amount Cost { get; init; }

    [Description("Always queued."), AllowedValues("queued")]
    public string Status { get; init; } = "queued";

    [Description("Each message, in the order of the request.")]
    public required List<BulkItem> Results { get; init; }
}

/// <summary>A message of an accepted bulk.</summary>
internal sealed record BulkItem
{
    [Description("The message's id.")]
    public required Guid SmsId { get; init; }

    public required string Recipient { get; init; }

    [Description("What the account was charged, in credits.")]
    public required Amount Cost { get; init; }

    [Description("Parts that the text is sent in.")]
    public required int Segments { get; init; }

    [Description("GSM-7 or UCS-2."), AllowedValues("GSM-7", "UCS-2")]
    public required string Encoding { get; init; }
}

/// <summary>The answer to a dry run of a bulk.</summary>
internal sealed record BulkDryRunAnswer
{
    [Description("Always true.")]
    public bool Success { get; init; } = true;

    [Description("The answer in words.")]
    public string Message { get; init; } = "Dry run: nothing was charged or sent";

    [Description("Always true.")]
    public bool DryRun { get; init; } = true;

    [Description("How many messages.")]
    public required int Count { get; init; }

    [Description("What the account would be charged for all, in credits.")]
    public required Amount Cost { get; init; }

    [Description("Each message, in the order of the request.")]
    public required List<BulkDryRunItem> Results { get; init; }
}

/// <summary>A message of a dry run.</summary>
internal sealed record BulkDryRunItem
{
    public required string Recipient { get; init; }

    [Description("What the account would be charged, in credits.")]
    public required Amount Cost { get; init; }

    [Description("Parts that the text would be sent in.")]
    public required int Segments { get; init; }

    [Description("GSM-7 or UCS-2."), AllowedValues("GSM-7", "UCS-2")]
    public required string Encoding { get; init; }
}

/// <summary>202; says whether it is the answer to a repeated request.</summary>
internal sealed class AcceptedBulk(BulkAnswer answer, AnswerOrigin origin) : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    int? IStatusCodeHttpResult.StatusCode => StatusCodes.Status202Accepted;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status202Accepted, typeof(BulkAnswer), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status202Accepted;
        response.ContentType = "application/json; charset=utf-8";
        if (origin == AnswerOrigin.Replayed)
        {
            response.Headers[RequestId.ReplayedHeader] = "true";
        }

        return JsonSerializer.SerializeAsync(response.Body, answer, ApiJson.Answers.BulkAnswer, httpContext.RequestAborted);
    }
}
