using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Scalar.AspNetCore;

/// <summary>Maps an API reference for people.</summary>
public static class ScalarEndpointRouteBuilderExtensions
{
    private static readonly string Page = Assemble();

    /// <summary>Maps the reference at <c>/scalar/</c>.</summary>
    public static IEndpointConventionBuilder MapScalarApiReference(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapScalarApiReference("/scalar");

    /// <summary>Maps the reference at a path, as one page that needs nothing but the OpenAPI document.</summary>
    public static IEndpointConventionBuilder MapScalarApiReference(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string endpointPrefix, Action<ScalarOptions> configureOptions) =>
        endpoints.MapScalarApiReference(endpointPrefix, (options, _) => configureOptions(options));

    /// <summary>Maps the reference at a path, as one page that needs nothing but the OpenAPI document.</summary>
    public static IEndpointConventionBuilder MapScalarApiReference(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string endpointPrefix,
        Action<ScalarOptions, HttpContext>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(endpointPrefix);

        return endpoints.MapGroup(endpointPrefix).ExcludeFromDescription().MapGet("/{documentName?}", Show);

        IResult Show(HttpContext context, IOptionsSnapshot<ScalarOptions> snapshot, string? documentName)
        {
            var path = context.Request.PathBase + context.Request.Path;

            // One address for the page, as in the package.
            if (documentName is null && !path.Value!.EndsWith('/'))
            {
                return Results.Redirect(path + "/");
            }

            var options = snapshot.Value;
            configureOptions?.Invoke(options, context);
            return Results.Content(Fill(options, context.Request.PathBase, documentName ?? "v1"), "text/html; charset=utf-8");
        }
    }

    private static string Fill(ScalarOptions options, PathString pathBase, string documentName)
    {
        var title = Name(options.Title ?? "");
        var document = Name(options.OpenApiRoutePattern);

        if (document.StartsWith('/'))
        {
            document = pathBase + document;
        }

        return Page
            .Replace("{{title}}", WebUtility.HtmlEncode(title), StringComparison.Ordinal)
            .Replace("{{document}}", WebUtility.HtmlEncode(document), StringComparison.Ordinal);

        string Name(string text) => text.Replace("{documentName}", documentName, StringComparison.Ordinal);
    }

    private static string Assemble() => Read("reference.html")
        .Replace("/*style*/", Read("reference.css"), StringComparison.Ordinal)
        .Replace("/*script*/", Read("reference.js"), StringComparison.Ordinal);

    private static string Read(string name)
    {
        using var stream = typeof(ScalarEndpointRouteBuilderExtensions).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource '{name}' is missing.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
