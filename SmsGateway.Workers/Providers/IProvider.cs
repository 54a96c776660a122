using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Providers;

/// <summary>Speaks the protocol of one upstream provider. Every implementation passes the conformance suite in the tests.</summary>
internal interface IProvider
{
    /// <summary>
    /// Asks the provider once to take the message; never asks again by itself. Gives a result for every failure of network and provider,
    /// also when <paramref name="cancellationToken"/> ends the attempt: <see cref="SendResult.Unavailable"/> only where the request
    /// certainly has not been taken. The request leaves by the <paramref name="departure"/>.
    /// </summary>
    Task<SendResult> SendAsync(QueuedMessage message, Departure departure, CancellationToken cancellationToken);

    /// <summary>Whether the provider can be asked what has become of a message, by the message's id.</summary>
    bool CanLookUp => false;

    /// <summary>Asks what has become of a message. Gives a result for every failure of network and provider.</summary>
    Task<LookUp> LookUpAsync(QueuedMessage message, CancellationToken cancellationToken) => throw new NotSupportedException();
}

/// <summary>What a provider knows of a message that it may have taken.</summary>
/// <param name="State">Whether it has it.</param>
/// <param name="ProviderMessageId">The provider's own id, where it has it and says so.</param>
internal readonly record struct LookUp(LookUpState State, string? ProviderMessageId = null);

/// <summary>Whether a provider has a message.</summary>
internal enum LookUpState
{
    /// <summary>No clear answer came.</summary>
    Unclear,

    /// <summary>It has taken the message.</summary>
    Taken,

    /// <summary>It has not taken it.</summary>
    NotTaken,
}
