using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;

using Microsoft.AspNetCore.Http.Metadata;

using SmsGateway.Api.Json;
using SmsGateway.Api.Requests;
using SmsGateway.Core.Money;

namespace SmsGateway.Api.Messages;

/// <summary>The answer to an accepted send.</summary>
internal sealed record SendAnswer
{
    [Description("Always true.")]
    public bool Success { get; init; } = true;

    [Description("The answer in words.")]
    public string Message { get; init; } = "The message is accepted";

    [Description("The message's id.")]
    public required Guid SmsId { get; init; }

    [Description("What the account was charged, in credits.")]
    public required Amount Cost { get; init; }

    [Description("Always queued."), AllowedValues("queued")]
    public string Status { get; init; } = "queued";

    [Description("Parts that the text is sent in.")]
    public required int Segments { get; init; }

    [Description("GSM-7 or UCS-2."), AllowedValues("GSM-7", "UCS-2")]
    public required string Encoding { get; init; }
}

/// <summary>The answer to a dry run.</summary>
internal sealed record DryRunAnswer
{
    [Description("Always true.")]
    public bool Success { get; init; } = true;

    [Description("The answer in words.")]
    public string Message { get; init; } = "Dry run: nothing was charged or sent";

    [Description("Always true.")]
    public bool DryRun { get; init; } = true;

    [Description("What the message would be charged, in credits.")]
    public required Amount Cost { get; init; }

    [Description("Parts that the text would be sent in.")]
    public required int Segments { get; init; }

    [Description("GSM-7 or UCS-2."), AllowedValues("GSM-7", "UCS-2")]
    public required string Encoding { get; init; }
}

/// <summary>202 with the place of the message; says whether it is the answer to a repeated request.</summary>
internal sealed class AcceptedSend(SendAnswer answer, AnswerOrigin origin) : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    int? IStatusCodeHttpResult.StatusCode => StatusCodes.Status202Accepted;

    public SendAnswer Answer => answer;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status202Accepted, typeof(SendAnswer), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(answer, ApiJson.Answers.SendAnswer);
        response.StatusCode = StatusCodes.Status202Accepted;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        response.Headers.Location = $"/api/sms/messages/{answer.SmsId}/";
        if (origin == AnswerOrigin.Replayed)
        {
            response.Headers[RequestId.ReplayedHeader] = "true";
        }

        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}

/// <summary>Whether an answer is new, or the one that the same request got before.</summary>
internal enum AnswerOrigin
{
    New,
    Replayed,
}
