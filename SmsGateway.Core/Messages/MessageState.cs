namespace SmsGateway.Core.Messages;

/// <summary>Where a message stands. Transitions only go forward (ARCHITECTURE.md).</summary>
public enum MessageState
{
    /// <summary>Accepted and charged; no provider has been asked yet.</summary>
    Queued,

    /// <summary>A provider was asked and may or may not have taken the message.</summary>
    Unknown,

    /// <summary>A provider has taken the message.</summary>
    Sent,

    /// <summary>The provider reports that the handset has it. Final.</summary>
    Delivered,

    /// <summary>The provider took the message and could not deliver it. Final, not refunded.</summary>
    Undelivered,

    /// <summary>No provider took the message. Final, refunded.</summary>
    Failed,

    /// <summary>The validity period ended before a provider took the message. Final, refunded.</summary>
    Expired,

    /// <summary>Cancelled by the customer before it was handed to a provider. Final, refunded.</summary>
    Cancelled,
}

/// <summary>The rules of the states, in one place for services, SQL and tests.</summary>
public static class MessageStates
{
    private static readonly string[] Names = [.. Enum.GetNames<MessageState>().Select(name => name.ToLowerInvariant())];

    /// <summary>The name of the state as clients and the database spell it: the lower-case word.</summary>
    public static string Name(this MessageState state) => Names[(int)state];

    /// <summary>Reads a state's name, exactly as <see cref="Name"/> writes it.</summary>
    public static bool TryParse(string? name, out MessageState state)
    {
        int index = Array.IndexOf(Names, name);
        state = (MessageState)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Whether nothing can follow the state.</summary>
    public static bool IsFinal(this MessageState state) => state >= MessageState.Delivered;

    /// <summary>Whether a message that ends so gives its cost back.</summary>
    public static bool IsRefunded(this MessageState state) => state >= MessageState.Failed;

    /// <summary>How far along a state is: a later outcome of the same message never has a lower rank.</summary>
    public static int Rank(this MessageState state) => Math.Min((int)state, (int)MessageState.Delivered);

    /// <summary>
    /// What a message becomes when <paramref name="outcome"/> is learnt of it. A provider that took a message and reports failure
    /// afterwards has not delivered it; an outcome that does not go forward changes nothing.
    /// </summary>
    public static MessageState After(this MessageState current, MessageState outcome) => (current, outcome) switch
    {
        (MessageState.Sent, MessageState.Failed) => MessageState.Undelivered,
        (MessageState.Sent, MessageState.Expired or MessageState.Cancelled) => MessageState.Sent,
        (MessageState.Unknown, MessageState.Expired or MessageState.Cancelled) => MessageState.Unknown,
        _ => outcome.Rank() > current.Rank() ? outcome : current,
    };
}
