using System.ComponentModel;
using System.Text.Json.Serialization;

using SmsGateway.Core.Providers;

namespace SmsGateway.Api.Health;

/// <summary>How the gateway, or a part of it, is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HealthLevel>))]
internal enum HealthLevel
{
    Healthy,
    Degraded,
    Unhealthy,
}

/// <summary>Whether messages are accepted.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GateState>))]
internal enum GateState
{
    Open,

    /// <summary>Redis has no epoch.</summary>
    Closed,

    /// <summary>Redis cannot be asked.</summary>
    Unknown,
}

/// <summary>How full the fullest shard is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BufferLevel>))]
internal enum BufferLevel
{
    Healthy,

    /// <summary>Above 80 % of the backlog limit, or the oldest message waits for too long.</summary>
    Degraded,

    /// <summary>Sends are answered 503.</summary>
    Full,

    /// <summary>Redis cannot be asked.</summary>
    Unknown,
}

/// <summary>The answer of the health endpoint.</summary>
internal sealed record HealthView
{
    [Description(
        "Healthy; Degraded: messages are accepted or will be soon, and something needs a look; Unhealthy: nothing can be accepted.")]
    public required HealthLevel Status { get; init; }

    public required HealthComponents Components { get; init; }
}

/// <summary>The parts of the gateway.</summary>
internal sealed record HealthComponents
{
    [Description("Healthy or Unhealthy.")]
    public required HealthLevel Database { get; init; }

    [Description("Healthy or Unhealthy.")]
    public required HealthLevel Redis { get; init; }

    [Description(
        "Open; Closed: Redis has no epoch, so that it may have lost time, and nothing is accepted until the workers have rebuilt it; "
        + "Unknown.")]
    public required GateState AcceptGate { get; init; }

    [Description("Workers with a live lease; null where Redis cannot be asked.")]
    public required long? Workers { get; init; }

    [Description("Workers that should live; fewer are a reason for a look.")]
    public required int WorkersExpected { get; init; }

    [Description("Workers whose lease has ended and whose work no other has taken over yet; null where Redis cannot be asked.")]
    public required long? WorkersLate { get; init; }

    [Description("Accepted messages that are not in the database yet; null where Redis cannot be asked.")]
    public required long? SmsBufferSize { get; init; }

    [Description("How long the oldest of them has waited, in seconds; null where Redis cannot be asked.")]
    public required long? SmsBufferAgeSeconds { get; init; }

    [Description("Healthy, Degraded (80 % of the backlog limit, or the oldest waits for too long), Full or Unknown.")]
    public required BufferLevel SmsBufferStatus { get; init; }

    [Description(
        "The circuit breaker of each provider that a live worker may ask, the worst of all workers: Closed, HalfOpen or Open; null where Redis "
        + "cannot be asked.")]
    public required IReadOnlyDictionary<string, BreakerLevel>? Providers { get; init; }

    [Description("True while an operator has paused the handing of messages to providers; otherwise left out.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool DispatchPaused { get; init; }
}
