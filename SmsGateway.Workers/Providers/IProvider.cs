using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Providers;

/// <summary>Speaks the protocol of one upstream provider. Every implementation passes the conformance suite in the tests.</summary>
internal interface IProvider
{
    /// <summary>
    /// Asks the provider once to take the message; never asks again by itself. Gives a result for every failure of network and provider,
    /// also when <paramref name="cancellationToken"/> ends the attempt: <see cref="SendResult.Unavailable"/> only where the request
    /// certainly has not been taken.
    /// </summary>
    Task<SendResult> SendAsync(QueuedMessage message, CancellationToken cancellationToken);
}
