using Microsoft.AspNetCore.Server.Kestrel.Core;

using SmsGateway.Api.Json;

namespace SmsGateway.Api.Requests;

/// <summary>What holds for every request.</summary>
internal static class RequestExtensions
{
    public static IHostApplicationBuilder AddRequests(this IHostApplicationBuilder builder)
    {
        builder.Services.Configure<KestrelServerOptions>(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = JsonBody.MaxBytes;
        });
        return builder;
    }
}
