using System.Diagnostics.Metrics;

using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Watchdog;

/// <summary>How long the queues in Redis are and how old: all shards together, so every worker shows the same.</summary>
/// <param name="Depth">Accepted messages on their way to the database, by lane.</param>
/// <param name="Age">How long the oldest of them has waited, by lane.</param>
/// <param name="Waiting">Accounts with stored messages that wait to be sent, by lane.</param>
/// <param name="Scheduled">Messages whose time has not come.</param>
/// <param name="Outcomes">Outcomes on their way to the database.</param>
/// <param name="DeadLetters">What was set aside.</param>
internal sealed record QueueLook(
    IReadOnlyDictionary<Priority, long> Depth, IReadOnlyDictionary<Priority, TimeSpan> Age, IReadOnlyDictionary<Priority, long> Waiting,
    long Scheduled, long Outcomes, long DeadLetters);

/// <summary>The latest look at the queues; written by <see cref="QueueMonitor"/> alone, read by whoever collects metrics.</summary>
internal sealed class QueueMetrics
{
    private volatile QueueLook? _look;

    public QueueMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(WorkersTelemetry.MeterName);
        meter.CreateObservableGauge(
            "sms_queue_depth", () => Lanes(look => look.Depth), "{message}", "Accepted messages on their way to the database, by lane");
        meter.CreateObservableGauge(
            "sms_queue_oldest_age", () => Lanes(look => look.Age, age => age.TotalSeconds), "s", "How long the oldest message of a lane has waited for the database");
        meter.CreateObservableGauge(
            "sms_dispatch_accounts_waiting", () => Lanes(look => look.Waiting), "{account}", "Accounts with messages that wait to be sent, by lane");
        meter.CreateObservableGauge("sms_scheduled", () => Total(look => look.Scheduled), "{message}", "Messages to be sent later");
        meter.CreateObservableGauge("sms_status_buffer", () => Total(look => look.Outcomes), "{outcome}", "Outcomes on their way to the database");
        meter.CreateObservableGauge("sms_dead_letters", () => Total(look => look.DeadLetters), "{letter}", "What could not be processed and was set aside");
    }

    public QueueLook Look
    {
        set => _look = value;
    }

    private Measurement<long>[] Lanes(Func<QueueLook, IReadOnlyDictionary<Priority, long>> part) => Lanes(part, value => value);

    private Measurement<T>[] Lanes<TValue, T>(Func<QueueLook, IReadOnlyDictionary<Priority, TValue>> part, Func<TValue, T> value)
        where T : struct =>
        _look is { } look
            ? [.. part(look).Select(lane => new Measurement<T>(value(lane.Value), new KeyValuePair<string, object?>("priority", lane.Key.Name())))]
            : [];

    private Measurement<long>[] Total(Func<QueueLook, long> value) => _look is { } look ? [new(value(look))] : [];
}
