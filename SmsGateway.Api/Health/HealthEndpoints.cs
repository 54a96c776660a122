using Microsoft.AspNetCore.Http.HttpResults;

using SmsGateway.Api.Json;

namespace SmsGateway.Api.Health;

/// <summary>Whether the gateway works, for machines and for the operator's first look.</summary>
internal static class HealthEndpoints
{
    public static RouteGroupBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/health").WithTags("Health");
        group.MapGet("/", GetAsync)
            .WithSummary("Look at the parts of the gateway")
            .Produces<HealthView>()
            .Produces<HealthView>(StatusCodes.Status503ServiceUnavailable)
            .DisableHttpMetrics();
        return group;
    }

    private static async Task<JsonHttpResult<HealthView>> GetAsync(HealthReporter reporter, HttpResponse response)
    {
        var view = await reporter.ReportAsync();
        response.Headers.CacheControl = "no-store";
        int status = view.Status == HealthLevel.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        return TypedResults.Json(view, ApiJson.Answers.HealthView, statusCode: status);
    }
}
