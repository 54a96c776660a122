using SmsGateway.Core.Messages;
using SmsGateway.ProviderSimulator.Control;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>A row of the database.</summary>
internal sealed record StoredMessage(Guid Id, long UserId, long CostUnits, MessageState State, int Attempts, string? ProviderMessageId);

/// <summary>Three records of the same messages, each independent of the others, and what they say when they are held against each other.</summary>
/// <param name="Accepted">The customers' own: what was answered with 202, by id.</param>
/// <param name="Stored">The gateway's: every row of the customers.</param>
/// <param name="AtProvider">The provider's: what it took, by our id.</param>
/// <param name="Refunds">The ledger's: how many refunds it has for the customers.</param>
/// <param name="GoodEnds">How messages may end that the provider does not refuse.</param>
internal sealed record Records(
    IReadOnlyDictionary<Guid, SentMessage> Accepted, IReadOnlyList<StoredMessage> Stored, ILookup<Guid, MessageView> AtProvider, long Refunds,
    IReadOnlyList<MessageState> GoodEnds)
{
    /// <summary>After a single kill messages flow again so soon: after the kill of a replica, or once what there is only one of is there again.</summary>
    public static readonly TimeSpan FlowLimit = TimeSpan.FromSeconds(5);

    /// <summary>Messages answered with 202 that have no row.</summary>
    public IReadOnlyList<Guid> Missing => [.. Accepted.Keys.Except(Stored.Select(message => message.Id))];

    /// <summary>Rows beyond the first of their message.</summary>
    public int DuplicatedRows => Stored.Count - Stored.DistinctBy(message => message.Id).Count();

    /// <summary>Messages that the provider took beyond the first of the same id.</summary>
    public int DuplicatedSends => AtProvider.Sum(posts => posts.Count() - 1);

    /// <summary>Rows of messages that the provider does not refuse and has not taken.</summary>
    public int Unsent => Stored.Count(message => Accepted.TryGetValue(message.Id, out var sent) && !sent.IsRefused && !AtProvider.Contains(message.Id));

    /// <summary>Rows that nobody was answered for with 202, or of another account or cost than was answered.</summary>
    public int StoredOtherwise => Stored.Count(message =>
        !Accepted.TryGetValue(message.Id, out var sent) || (sent.UserId, sent.CostUnits) != (message.UserId, message.CostUnits));

    /// <summary>Rows that did not end as they had to: failed where the provider refuses them, else well.</summary>
    public int EndedOtherwise => Stored.Count(message => Accepted.TryGetValue(message.Id, out var sent)
        && (sent.IsRefused ? message.State != MessageState.Failed : !GoodEnds.Contains(message.State)));

    /// <summary>By how many the refunds of the ledger differ from the rows that must have one.</summary>
    public long RefundedOtherwise => Math.Abs(Refunds - Stored.Count(message => message.State.IsRefunded()));

    /// <summary>What an account must be able to spend, in minor units: what it began with, less its messages that were not refunded.</summary>
    public long LeftOf(long userId, long creditUnits) => creditUnits - Stored
        .Where(message => message.UserId == userId && !message.State.IsRefunded())
        .Sum(message => message.CostUnits);

    /// <summary>How long after a moment the provider took the first message that was asked for after it; null where it took none.</summary>
    public TimeSpan? FlowsAfter(DateTimeOffset moment)
    {
        var first = AtProvider
            .Where(posts => Accepted.TryGetValue(posts.Key, out var message) && message.RequestedAt > moment)
            .Select(posts => posts.Min(post => post.AcceptedAt))
            .DefaultIfEmpty(DateTimeOffset.MaxValue)
            .Min();
        return first == DateTimeOffset.MaxValue ? null : first - moment;
    }
}
