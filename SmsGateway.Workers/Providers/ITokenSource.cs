namespace SmsGateway.Workers.Providers;

/// <summary>Gives out the messages a second of each provider, to all workers together.</summary>
internal interface ITokenSource
{
    /// <summary>Takes tokens, as far as the contract allows them now; none where the source cannot be asked.</summary>
    Task<TokenGrant> TakeAsync(string provider, RateContract contract, int wanted);
}

/// <summary>What a source has given.</summary>
/// <param name="Tokens">Each lets one message go to the provider.</param>
/// <param name="Wait">How long until there is another.</param>
internal readonly record struct TokenGrant(int Tokens, TimeSpan Wait);
