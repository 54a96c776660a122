using System.Text.Json.Nodes;

using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

using SmsGateway.Api.Accounts;
using SmsGateway.Api.Credits;
using SmsGateway.Api.Messages;
using SmsGateway.Core.Money;

namespace SmsGateway.Api.OpenApi;

/// <summary>The description of the API for machines and for people.</summary>
internal static class OpenApiExtensions
{
    private const string KeyScheme = "ApiKey";

    public static IHostApplicationBuilder AddApiDescription(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOpenApi(options =>
        {
            options.AddDocumentTransformer(DescribeAsync);
            options.AddOperationTransformer(DemandKeyAsync);
            options.AddSchemaTransformer(DescribeSchemaAsync);
        });
        return builder;
    }

    private static Task DescribeAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new()
        {
            Title = "SMS Gateway",
            Version = "1",
            Description = "Send messages, follow them, and manage credits. "
                + "Errors are problem details (RFC 9457); /problems/ explains every type.",
        };
        document.Components ??= new();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[KeyScheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = ApiKeyMiddleware.Header,
            Description = "The key that was shown when it was made.",
        };
        return Task.CompletedTask;
    }

    private static Task DemandKeyAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        // The innermost demand counts, as it does in the middleware.
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<RequiredRight>().LastOrDefault() is { } required)
        {
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(KeyScheme, context.Document)] = [] }];
            operation.Description = $"Needs the right {required.Right.ToString().ToLowerInvariant()}.";
        }

        return Task.CompletedTask;
    }

    private static Task DescribeSchemaAsync(
        OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        if (type == typeof(Amount) || type == typeof(Amount?))
        {
            schema.Type = type == typeof(Amount) ? JsonSchemaType.Number : JsonSchemaType.Number | JsonSchemaType.Null;
            schema.Description = "Credits, exact to four decimal places.";
        }
        else if (type == typeof(SendRequest))
        {
            schema.Examples =
            [
                JsonNode.Parse(
                    """
                    {"recipient":"+491701234567","message":"Your code is 4711","priority":"express","client_reference":"login-1"}
                    """)!,
            ];
        }
        else if (type == typeof(ChargeRequest))
        {
            schema.Examples = [JsonNode.Parse("""{"amount":25.50,"description":"Invoice 7","reference":"invoice-7"}""")!];
        }

        return Task.CompletedTask;
    }
}
