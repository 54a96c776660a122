using System.Collections.Concurrent;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SmsGateway.Tests.Edge;

/// <summary>A request as it reached the API.</summary>
internal sealed record SeenRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Connection);

/// <summary>An API of one process that notes what reaches it, refuses keys that begin with "wrong" and does to the rest what a test says.</summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    public const string RightKey = "right-key-0123456789-0123456789-0123456789";
    public const string WrongKey = "wrong-key-0123456789-0123456789-0123456789";

    private readonly WebApplication _app;

    private ScriptedApi(WebApplication app) => _app = app;

    /// <summary>In no particular order.</summary>
    public ConcurrentBag<SeenRequest> Requests { get; } = [];

    public int Port => new Uri(_app.Urls.First()).Port;

    public static async Task<ScriptedApi> StartAsync(Func<HttpContext, Task>? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var api = new ScriptedApi(app);
        app.Run(context =>
        {
            api.Note(context);
            if (context.Request.Headers["X-Api-Key"].ToString().StartsWith("wrong", StringComparison.Ordinal))
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return Task.CompletedTask;
            }

            return answer?.Invoke(context) ?? Task.CompletedTask;
        });
        await app.StartAsync();
        return api;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private void Note(HttpContext context) => Requests.Add(new(
        context.Request.Method,
        $"{context.Request.Path}{context.Request.QueryString}",
        context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        context.Connection.Id));
}
