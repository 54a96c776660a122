using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

using SmsGateway.Tests.Ops;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>What Prometheus sees of the running gateway.</summary>
[Collection(EndToEndTestGroup.Name)]
public sealed partial class MetricsIntegrationTests(RunningStack stack) : IClassFixture<RunningStack>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Metrics_of_all_replicas_hold_every_one_that_alarms_and_dashboard_name()
    {
        var customer = await stack.NewCustomerAsync(10_000);
        var delivered = await customer.SendAcceptedAsync(new { recipient = "+491701234567", message = "hello" }, "once");
        await customer.SendAcceptedAsync(new { recipient = "+491701234567", message = "hello" }, "once");
        var failed = await customer.SendAcceptedAsync(new { recipient = "+99940012345", message = "hello" });
        Assert.Equal(HttpStatusCode.BadRequest, (await customer.SendAsync(new { recipient = "nobody", message = "hello" })).Status);
        using var forged = await stack.Edge.PostAsync(
            new Uri($"/api/receipts/twilio/simulator/{delivered}", UriKind.Relative), new FormUrlEncodedContent([new("MessageStatus", "delivered")]));
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        await customer.WaitForStatusAsync(delivered, "delivered", Limit);
        await customer.WaitForStatusAsync(failed, "failed", Limit);
        await customer.WaitForBalanceAsync(9_000, Limit);

        var wanted = OpsFiles.Metrics;
        Assert.NotEmpty(wanted);
        // The watchdog looks every 15 seconds.
        await Until.CompleteAsync(Limit, async () =>
        {
            var seen = await ScrapeAsync();
            return string.Join(' ', wanted.Where(name => !seen.Contains(name)));
        });
    }

    [Fact]
    public async Task Edge_keeps_metrics_inside()
    {
        using var answer = await stack.Edge.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    /// <summary>The names of all samples of all replicas, found as Prometheus finds them.</summary>
    private async Task<HashSet<string>> ScrapeAsync()
    {
        using var http = new HttpClient();
        var targets = Directory.GetFiles(stack.ScrapeFolder, "*.json")
            .SelectMany(file => JsonElement.Parse(File.ReadAllText(file)).EnumerateArray())
            .SelectMany(group => group.GetProperty("targets").EnumerateArray().Select(target => target.GetString()))
            .ToList();
        // Two API replicas, two workers, the simulator.
        Assert.Equal(5, targets.Count);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string? target in targets)
        {
            names.UnionWith(Sample().Matches(await http.GetStringAsync(new Uri($"http://{target}/metrics"))).Select(match => match.Value));
        }

        return names;
    }

    [GeneratedRegex("^[a-z_]+(?=\\{)", RegexOptions.Multiline)]
    private static partial Regex Sample();
}
