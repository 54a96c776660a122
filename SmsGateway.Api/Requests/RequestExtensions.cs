using System.Buffers;
using System.Text;

using Microsoft.AspNetCore.Server.Kestrel.Core;

using SmsGateway.Api.Json;

namespace SmsGateway.Api.Requests;

/// <summary>What holds for every request.</summary>
internal static class RequestExtensions
{
    private const string NameHeader = "X-Correlation-ID";
    private const int LongestName = 64;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public static IHostApplicationBuilder AddRequests(this IHostApplicationBuilder builder)
    {
        builder.Services.Configure<KestrelServerOptions>(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = JsonBody.MaxBytes;
            // Every byte is a character of Latin-1. As UTF-8, which is the default, some would end the request before we could say what is wrong.
            server.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        });
        return builder;
    }

    /// <summary>Gives a request the name that the edge has for it, so that its log and ours speak of the same one.</summary>
    public static WebApplication UseRequestNames(this WebApplication app)
    {
        app.Use(static (context, next) =>
        {
            string? name = context.Request.Headers[NameHeader];
            if (name is { Length: > 0 and <= LongestName } && !name.AsSpan().ContainsAnyExcept(NameCharacters))
            {
                context.TraceIdentifier = name;
            }

            return next(context);
        });
        return app;
    }
}
