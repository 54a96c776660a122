using System.Globalization;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

using SmsGateway.Api.Accounts;
using SmsGateway.Api.Errors;
using SmsGateway.Api.Lists;
using SmsGateway.Api.Requests;
using SmsGateway.Core.Messages;

namespace SmsGateway.Api.OpenApi;

/// <summary>Says in the document what all endpoints, or those of a kind, have in common: keys, request ids, headers, and errors that any of them can answer with.</summary>
internal static class OperationDescription
{
    public static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        // The innermost demand counts, as it does in the middleware.
        if (metadata.OfType<RequiredRight>().LastOrDefault() is { } required)
        {
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(OpenApiExtensions.KeyScheme, context.Document)] = [] }];
            operation.Description = $"Needs the right {required.Right.ToString().ToLowerInvariant()}.";
        }

        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            Describe(parameter);
        }

        if (metadata.OfType<TakesRequestId>().Any())
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(RequestIdHeader(RequestId.Header, "Names the request: a repetition with the same content gets the first answer, other content 422."));
            operation.Parameters.Add(RequestIdHeader(RequestId.Synonym, $"A synonym of {RequestId.Header}; where both are given they must be equal."));
        }

        AddProblems(operation, context);
    }

    private static void AddProblems(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        operation.Responses ??= [];
        operation.Responses["429"] = Problem("Too many requests: the edge holds each key and address to its rate.", context);
        operation.Responses["default"] = Problem("An error of the protocol, or of the gateway itself.", context);
        foreach (var (status, response) in operation.Responses)
        {
            if (response is OpenApiResponse described)
            {
                described.Description = Meaning(status) ?? described.Description;
                described.Headers = Headers(status, context.Description.ActionDescriptor.EndpointMetadata.OfType<TakesRequestId>().Any());
            }
        }
    }

    private static OpenApiResponse Problem(string description, OpenApiOperationTransformerContext context) => new()
    {
        Description = description,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [Errors.Problem.ContentType] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemBody), context.Document) },
        },
    };

    private static string? Meaning(string status)
    {
        if (!int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out int code) || code < StatusCodes.Status400BadRequest)
        {
            return null;
        }

        var types = ProblemTypes.All.Where(type => type.Status == code && type != ProblemTypes.Other).ToList();
        return types.Count == 0 ? null : string.Join(" Or: ", types.Select(type => $"`{type.Slug}`: {type.Title}."));
    }

    private static Dictionary<string, IOpenApiHeader>? Headers(string status, bool takesRequestId) => status switch
    {
        "202" => new()
        {
            [RequestId.ReplayedHeader] = Header("true where this is the first answer again."),
        },
        "200" when takesRequestId => new()
        {
            [RequestId.ReplayedHeader] = Header("true where this was done before."),
        },
        "401" => new() { ["WWW-Authenticate"] = Header("Names the header that is wanted.") },
        "429" or "503" => new() { ["Retry-After"] = Header("Seconds after which the request may be repeated.") },
        _ => null,
    };

    private static OpenApiHeader Header(string description) =>
        new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static OpenApiParameter RequestIdHeader(string name, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = $"{description} {RequestId.Rule}.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = RequestId.Longest, Pattern = "^[!-~]([ -~]*[!-~])?$" },
    };

    /// <summary>Parameters are read as text, so that what is wrong is answered by name; here is what they may be.</summary>
    private static void Describe(OpenApiParameter parameter)
    {
        switch (parameter.Name)
        {
            case "limit":
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = $"{ListQuery.LongestPage}" };
                break;
            case "from" or "to":
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" };
                break;
            case "status":
                parameter.Schema = Choice(Enum.GetValues<MessageState>().Select(MessageStates.Name));
                break;
            case "kind":
                parameter.Schema = Choice(Core.Credits.LedgerKinds.All);
                break;
        }
    }

    private static OpenApiSchema Choice(IEnumerable<string> values) =>
        new() { Type = JsonSchemaType.String, Enum = [.. values.Select(value => (JsonNode)value)] };
}

/// <summary>Marks an endpoint that recognises repeated requests.</summary>
internal sealed record TakesRequestId;
