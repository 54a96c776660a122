using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

using SmsGateway.Api.Json;
using SmsGateway.Core.Money;

namespace SmsGateway.Api.Errors;

/// <summary>The body of an error (RFC 9457); members that do not apply are left out.</summary>
internal sealed record ProblemBody
{
    [Description("Says what kind of error this is; a stable URI, relative to the gateway's address, that can be opened.")]
    public required string Type { get; init; }

    [Description("The kind of error in words.")]
    public required string Title { get; init; }

    [Description("The same as title, under the name that the gateway's first clients read.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    [Description("The HTTP status.")]
    public required int Status { get; init; }

    [Description("What happened this time.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    [Description("Each field, header or parameter at fault, with what is allowed.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string[]>? Errors { get; init; }

    [Description("What the account can spend, in credits.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Amount? Balance { get; init; }

    [Description("What the message would take, in credits.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Amount? Cost { get; init; }

    [Description("Where the message stands.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? State { get; init; }
}

/// <summary>An error as the answer of a handler: the one way in which the API answers with one.</summary>
internal sealed class Problem(ProblemType type, string? detail = null) : IResult, IStatusCodeHttpResult
{
    public const string ContentType = "application/problem+json";

    public ProblemType Type => type;

    public Dictionary<string, string[]>? Errors { get; init; }

    public Amount? Balance { get; init; }

    public Amount? Cost { get; init; }

    public string? State { get; init; }

    /// <summary>When to try again; null: trying again does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The status, where it is not the one of the type.</summary>
    public int? Status { get; init; }

    int? IStatusCodeHttpResult.StatusCode => Status ?? type.Status;

    /// <summary>An error of one field.</summary>
    public static Problem OfField(string field, string allowed) =>
        new(ProblemTypes.InvalidRequest) { Errors = new() { [field] = [allowed] } };

    /// <summary>Something that the call needs is not there now.</summary>
    public static Problem Unavailable(string detail) => new(ProblemTypes.Unavailable, detail) { RetryAfter = TimeSpan.FromSeconds(1) };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status ?? type.Status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        var body = new ProblemBody
        {
            Type = type.Uri,
            Title = type.Title,
            Error = type.Title,
            Status = response.StatusCode,
            Detail = detail,
            Errors = Errors,
            Balance = Balance,
            Cost = Cost,
            State = State,
        };
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Answers.ProblemBody);
        response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(httpContext.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(bytes, httpContext.RequestAborted).AsTask();
    }
}
