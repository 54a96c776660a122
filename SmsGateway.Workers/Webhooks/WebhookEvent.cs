using System.Text.Json;
using System.Text.Json.Serialization;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;

namespace SmsGateway.Workers.Webhooks;

/// <summary>The hosts of an account, spread over a fixed number of lanes: what one of them does to us, the others do not feel.</summary>
internal readonly record struct Lane(long UserId, short Number);

/// <summary>An event that this worker has claimed from the outbox.</summary>
internal sealed record WebhookEvent
{
    public required Guid SmsId { get; init; }

    public required MessageState State { get; init; }

    public required Lane Lane { get; init; }

    /// <summary>Calls so far, with the one to be made now; fences the claim.</summary>
    public required short Attempts { get; init; }

    /// <summary>After this time it is told no more.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public required DateTimeOffset HappenedAt { get; init; }

    public required string Url { get; init; }

    /// <summary>The secrets to sign with: the account's own, and after a rotation the one before; empty where none has been made yet.</summary>
    public required IReadOnlyList<WebhookSecret> Secrets { get; init; }

    public required WebhookData Data { get; init; }

    /// <summary>The same however often the event is told; receivers know a repetition by it. Without dots, which the signature has between its parts.</summary>
    public string Id => IdOf(SmsId, State);

    public static string IdOf(Guid smsId, MessageState state) => $"evt_{smsId:N}_{state.Name()}";

    /// <summary>The body, the same bytes however often the event is told.</summary>
    public byte[] Body() => JsonSerializer.SerializeToUtf8Bytes(
        new(Id, $"message.{State.Name()}", HappenedAt, Data), WebhookJson.Default.WebhookBody);
}

/// <summary>What customers get.</summary>
internal sealed record WebhookBody(string Id, string Type, DateTimeOffset Timestamp, WebhookData Data);

/// <summary>What became of a message. Neither its text nor its numbers.</summary>
internal sealed record WebhookData
{
    public required Guid SmsId { get; init; }

    public required string Status { get; init; }

    public required string? ClientReference { get; init; }

    public required string? ErrorCode { get; init; }

    public required int Segments { get; init; }

    /// <summary>What the account was charged; given back where the status is failed, expired or cancelled.</summary>
    public required Amount Cost { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? ScheduledAt { get; init; }

    public required DateTimeOffset? SentAt { get; init; }

    public required DateTimeOffset? FinishedAt { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WebhookBody))]
internal sealed partial class WebhookJson : JsonSerializerContext;
