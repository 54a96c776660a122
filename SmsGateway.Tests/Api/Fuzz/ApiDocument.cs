using System.Text.Json;

namespace SmsGateway.Tests.Api.Fuzz;

/// <summary>An endpoint as the OpenAPI document describes it.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path with names in braces.</param>
/// <param name="Description">Its entry.</param>
internal sealed record ApiOperation(string Method, string Path, JsonElement Description)
{
    public JsonElement? BodySchema => Description.TryGetProperty("requestBody", out var body)
        && body.GetProperty("content").TryGetProperty("application/json", out var json)
        ? json.GetProperty("schema")
        : null;

    public bool NeedsKey => Description.TryGetProperty("security", out _);

    public IEnumerable<JsonElement> ParametersIn(string place) =>
        Description.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Where(parameter => parameter.GetProperty("in").GetString() == place)
            : [];

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>The OpenAPI document that the API serves.</summary>
internal sealed class ApiDocument(JsonElement root)
{
    public JsonElement Root => root;

    public SchemaCheck Schemas { get; } = new(root);

    public List<ApiOperation> Operations { get; } =
    [
        .. root.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(
            operation => new ApiOperation(operation.Name.ToUpperInvariant(), path.Name, operation.Value))),
    ];

    /// <summary>What is wrong with an answer; empty where the document allows it.</summary>
    public string Check(ApiOperation operation, FuzzAnswer answer)
    {
        var responses = operation.Description.GetProperty("responses");
        bool isServerFault = answer.Status[0] == '5';
        if (!responses.TryGetProperty(answer.Status, out var response) && (isServerFault || !responses.TryGetProperty("default", out response)))
        {
            return $"status {answer.Status} is not described";
        }

        if (!response.TryGetProperty("content", out var content))
        {
            return answer.Body.Length == 0 ? "" : "a body, where none is described";
        }

        if (!content.TryGetProperty(answer.MediaType, out var media))
        {
            return $"media type '{answer.MediaType}' is not described for {answer.Status}";
        }

        JsonElement body;
        try
        {
            body = JsonDocument.Parse(answer.Body).RootElement;
        }
        catch (JsonException)
        {
            return "the body is not JSON";
        }

        if (Schemas.Check(body, media.GetProperty("schema")) is { Length: > 0 } wrong)
        {
            return wrong;
        }

        bool isProblem = answer.MediaType == "application/problem+json";
        return isProblem && body.GetProperty("status").GetRawText() != answer.Status ? "the body names another status" : "";
    }
}

/// <summary>What the API answered.</summary>
internal sealed record FuzzAnswer(string Status, string MediaType, byte[] Body, bool IsReplay);
