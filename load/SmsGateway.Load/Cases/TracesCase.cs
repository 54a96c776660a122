using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>
/// What traces cost an accepted message: one API process without a collector, then with one and no message sampled, one of a hundred, and every one. Each
/// is a stack of its own, for this is settled when a process starts; processor time is compared, which says more than rates of different minutes.
/// </summary>
internal sealed class TracesCase : IBenchCase
{
    private static readonly string[] Shares = ["0", "0.01", "1"];

    public string Name => "traces";

    public string What => "processor time of the API for a send of which every trace is sampled, one of a hundred, none; limit: without a collector";

    public TimeSpan Duration => TimeSpan.FromSeconds(8);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await using var collector = StartCollector();
        BenchRun.Say("without a collector");
        var (plain, plainRate) = await MeasureAsync(run, [], cancellationToken);
        var measured = new List<Measurement>();
        foreach (string share in Shares.Reverse())
        {
            BenchRun.Say($"{share} of all traces sampled");
            var (used, rate) = await MeasureAsync(
                run,
                [
                    $"--ServiceEnvironment:OTEL_EXPORTER_OTLP_ENDPOINT={collector.Urls.Single()}",
                    "--ServiceEnvironment:OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
                    "--ServiceEnvironment:OTEL_TRACES_SAMPLER=parentbased_traceidratio",
                    $"--ServiceEnvironment:OTEL_TRACES_SAMPLER_ARG={share}",
                ],
                cancellationToken);
            measured.Add(new Measurement($"processor time a message, api-1, {share} sampled", used, "µs", Direction.Lower).Against("µs without a collector", plain));
            measured.Add(new Measurement($"accepted, {share} sampled", rate, "/s").Against("/s without a collector", plainRate));
        }

        return measured;
    }

    private static async Task<(double Microseconds, double Rate)> MeasureAsync(BenchRun run, string[] settings, CancellationToken cancellationToken)
    {
        await using var stack = await BenchStack.StartAsync(
            ["--Api:Replicas=1", "--Workers:Replicas=1", "--ServiceEnvironment:Providers__0__MessagesPerSecond=10", .. settings], cancellationToken);
        var measured = await AgainstAlive.MeasureAsync(run, stack, stack.Api, ["api-1"], cancellationToken);
        return (measured.Single(one => one.Name == "processor time a message, api-1").Value, measured[0].Value);
    }

    /// <summary>Takes everything and looks at nothing.</summary>
    private static WebApplication StartCollector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/v1/{signal}", static (HttpRequest request) => request.Body.CopyToAsync(Stream.Null));
        app.Start();
        return app;
    }
}
