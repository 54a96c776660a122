using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

using SmsGateway.Api.Accounts;

namespace SmsGateway.Api.OpenApi;

/// <summary>The description of the API for machines and for people.</summary>
internal static class OpenApiExtensions
{
    public const string KeyScheme = "ApiKey";

    public static IHostApplicationBuilder AddApiDescription(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOpenApi(options =>
        {
            options.AddDocumentTransformer(After<OpenApiDocument, OpenApiDocumentTransformerContext>((document, _) => Describe(document)));
            options.AddOperationTransformer(After<OpenApiOperation, OpenApiOperationTransformerContext>(OperationDescription.Describe));
            options.AddSchemaTransformer(After<OpenApiSchema, OpenApiSchemaTransformerContext>(SchemaDescription.Describe));
        });
        return builder;
    }

    private static Func<TPart, TContext, CancellationToken, Task> After<TPart, TContext>(Action<TPart, TContext> describe) => (part, context, _) =>
    {
        describe(part, context);
        return Task.CompletedTask;
    };

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new()
        {
            Title = "SMS Gateway",
            Version = "1",
            Description =
                """
                Send messages, follow them, and manage credits.

                - Bodies are JSON in UTF-8 and strict: unknown fields, repeated ones, and numbers written as strings are refused, by name.
                - Errors are problem details (RFC 9457). `type` is stable; `/problems/` explains each. What is refused charges nothing.
                - A path ends with a slash or without.
                - Give `X-Request-ID` with whatever sends or charges, and a repetition within 24 hours gets the first answer again, with `Idempotent-Replayed: true`.
                """,
        };
        // Wherever this is read from.
        document.Servers = [new() { Url = "/" }];
        document.Components ??= new();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[KeyScheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = ApiKeyMiddleware.Header,
            Description = "The key that was shown when it was made.",
        };

        // The form that the gateway's first clients use.
        var paths = new OpenApiPaths();
        foreach (var (path, item) in document.Paths)
        {
            paths[path.TrimEnd('/') + "/"] = item;
        }

        document.Paths = paths;
    }
}
