using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace SmsGateway.ServiceDefaults;

/// <summary>
/// Names the span of a request by its method and route, as the semantic conventions have it
/// (https://opentelemetry.io/docs/specs/semconv/http/http-spans/#name): the framework gives all of them one name. Not by its path, which may hold an id.
/// </summary>
internal sealed class SpanNames : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(NameAsync);
        next(app);
    };

    private static async Task NameAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        // What somebody has named already knows more of it.
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span && span.DisplayName == span.OperationName)
        {
            string? route = context.GetEndpoint()?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route;
            span.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
            span.SetTag("http.route", route);
        }
    }
}
