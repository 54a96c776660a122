using Scalar.AspNetCore;

namespace SmsGateway.Api.OpenApi;

/// <summary>Where the description of the API is.</summary>
internal static class OpenApiEndpoints
{
    private const string SchemaPath = "/api/schema/";
    private const string DocsPath = "/api/docs/";

    public static IEndpointRouteBuilder MapApiDescription(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi(SchemaPath);
        // All that the page needs comes from here: operators' networks may reach nothing else.
        routes.MapScalarApiReference(DocsPath.TrimEnd('/'), options => options
            .WithTitle("SMS Gateway")
            .WithOpenApiRoutePattern(SchemaPath)
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideDeveloperTools()
            .HideClientButton()
            .ExpandAllTags());
        routes.MapGet("/", () => TypedResults.Redirect(DocsPath)).ExcludeFromDescription();
        return routes;
    }
}
