using System.Diagnostics.Metrics;

namespace SmsGateway.Api.Health;

/// <summary>The latest look at the parts of the gateway, as metrics; written by <see cref="HealthReporter"/>, read by whoever collects metrics.</summary>
internal sealed class HealthMetrics
{
    private volatile Look? _look;

    public HealthMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ApiTelemetry.MeterName);
        meter.CreateObservableGauge(
            "sms_health", () => Each(look => [new((int)look.View.Status)]), null, "How the gateway is: 0 healthy, 1 degraded, 2 unhealthy");
        meter.CreateObservableGauge("sms_component_healthy", () => Each(Components), null, "1 where a part works: database, redis, accept_gate");
        meter.CreateObservableGauge(
            "sms_workers_live", () => Each(look => [new((int)(look.View.Components.Workers ?? 0))]), "{worker}", "Workers with a live lease; 0 where Redis cannot be asked");
        meter.CreateObservableGauge(
            "sms_workers_expected", () => Each(look => [new(look.View.Components.WorkersExpected)]), "{worker}", "Workers that should live");
        meter.CreateObservableGauge(
            "sms_backlog", () => Each(look => look.Backlog is { } backlog ? [new((int)backlog)] : []), "{message}", "Messages in the fullest shard of Redis that no dispatcher has taken");
        meter.CreateObservableGauge(
            "sms_backlog_limit", () => Each(look => [new(look.BacklogLimit)]), "{message}", "Messages in a shard from which on sends are answered 503");
    }

    public void Seen(HealthView view, long? backlog, int backlogLimit) => _look = new(view, backlog, backlogLimit);

    private static Measurement<int>[] Components(Look look) =>
    [
        Component("database", look.View.Components.Database == HealthLevel.Healthy),
        Component("redis", look.View.Components.Redis == HealthLevel.Healthy),
        Component("accept_gate", look.View.Components.AcceptGate == GateState.Open),
    ];

    private static Measurement<int> Component(string name, bool works) => new(works ? 1 : 0, new KeyValuePair<string, object?>("component", name));

    private Measurement<int>[] Each(Func<Look, Measurement<int>[]> values) => _look is { } look ? values(look) : [];

    private sealed record Look(HealthView View, long? Backlog, int BacklogLimit);
}
