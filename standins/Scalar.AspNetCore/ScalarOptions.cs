using System.Diagnostics.CodeAnalysis;

namespace Scalar.AspNetCore;

/// <summary>What the API reference shows.</summary>
public class ScalarOptions
{
    /// <summary>The title of the page; <c>{documentName}</c> stands for the name of the document.</summary>
    public string? Title { get; set; } = "Scalar API Reference";

    /// <summary>Where the OpenAPI document is; <c>{documentName}</c> stands for its name.</summary>
    [StringSyntax("Route")]
    public string OpenApiRoutePattern { get; set; } = "/openapi/{documentName}.json";
}

/// <summary>Sets options in a chain.</summary>
public static class ScalarOptionsExtensions
{
    /// <summary>Sets the title of the page.</summary>
    public static TOptions WithTitle<TOptions>(this TOptions options, string title)
        where TOptions : ScalarOptions
    {
        options.Title = title;
        return options;
    }

    /// <summary>Sets where the OpenAPI document is.</summary>
    public static TOptions WithOpenApiRoutePattern<TOptions>(this TOptions options, [StringSyntax("Route")] string pattern)
        where TOptions : ScalarOptions
    {
        options.OpenApiRoutePattern = pattern;
        return options;
    }
}
