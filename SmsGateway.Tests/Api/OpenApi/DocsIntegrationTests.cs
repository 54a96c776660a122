using System.Text.Json;

using SmsGateway.Tests.EndToEnd;

namespace SmsGateway.Tests.Api.OpenApi;

/// <summary>The documentation in a real browser. DOCS_SCREENSHOT names a file to look at.</summary>
[Collection(RequestTestGroup.Name)]
public sealed class DocsIntegrationTests(RunningStack stack)
{
    private static readonly TimeSpan ShowLimit = TimeSpan.FromSeconds(40);

    /// <summary>Schemes that leave the machine.</summary>
    private static readonly string[] Remote = ["http", "https", "ws", "wss"];

    [Fact]
    public async Task Docs_list_every_endpoint_ask_no_other_host_and_log_no_error()
    {
        var schema = JsonDocument.Parse(await stack.Edge.GetByteArrayAsync(new Uri("/api/schema/", UriKind.Relative))).RootElement;
        string[] summaries =
        [
            .. schema.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => operation.Value.GetProperty("summary").GetString()!)),
        ];
        await using var browser = await Browser.StartAsync();
        foreach (string domain in new[] { "Network", "Runtime", "Log", "Page" })
        {
            await browser.CallAsync($"{domain}.enable");
        }

        await browser.CallAsync("Page.navigate", new { url = new Uri(stack.Edge.BaseAddress!, "/api/docs/").AbsoluteUri });
        string shown = "";
        await Until.CompleteAsync(ShowLimit, async () =>
        {
            shown = await browser.EvaluateAsync("document.body.textContent");
            return string.Join(", ", summaries.Where(summary => !shown.Contains(summary, StringComparison.Ordinal)));
        });

        var events = browser.TakeEvents();
        var requests = Of(events, "Network.requestWillBeSent").Select(sent => new Uri(sent.GetProperty("request").GetProperty("url").GetString()!)).ToList();
        Assert.Contains(requests, request => request.AbsolutePath == "/api/schema/");
        Assert.DoesNotContain(requests, request => Remote.Contains(request.Scheme) && request.Authority != stack.Edge.BaseAddress!.Authority);
        Assert.Empty(Of(events, "Runtime.exceptionThrown").Select(thrown => thrown.GetRawText()));
        Assert.Empty(Of(events, "Log.entryAdded").Select(logged => logged.GetProperty("entry"))
            .Where(entry => entry.GetProperty("level").GetString() == "error").Select(entry => entry.GetRawText()));
        Assert.Empty(Of(events, "Runtime.consoleAPICalled").Where(called => called.GetProperty("type").GetString() == "error").Select(called => called.GetRawText()));
        await TakeScreenshotAsync(browser);
    }

    private static IEnumerable<JsonElement> Of(List<JsonElement> events, string method) =>
        events.Where(item => item.GetProperty("method").GetString() == method).Select(item => item.GetProperty("params"));

    private static async Task TakeScreenshotAsync(Browser browser)
    {
        if (Environment.GetEnvironmentVariable("DOCS_SCREENSHOT") is { Length: > 0 } file)
        {
            var picture = await browser.CallAsync("Page.captureScreenshot", new { format = "png" });
            await File.WriteAllBytesAsync(file, Convert.FromBase64String(picture.GetProperty("data").GetString()!));
        }
    }
}
