namespace SmsGateway.Workers.Providers;

/// <summary>
/// What came of asking a provider to take a message. The cases differ by what may be done next: only <see cref="Unknown"/> leaves open
/// whether the provider has the message, so only then asking again could send it twice.
/// </summary>
internal abstract record SendResult
{
    private SendResult()
    {
    }

    /// <summary>The case as metrics name it.</summary>
    public abstract string Name { get; }

    /// <summary>The provider has taken the message.</summary>
    /// <param name="ProviderMessageId">The provider's own id of it.</param>
    public sealed record Accepted(string ProviderMessageId) : SendResult
    {
        public override string Name => "accepted";
    }

    /// <summary>The provider will not take this message, now or later.</summary>
    /// <param name="ErrorCode">The provider's code.</param>
    /// <param name="Scope">Whether another provider could take it.</param>
    public sealed record Refused(string ErrorCode, RefusalScope Scope) : SendResult
    {
        public override string Name => "refused";
    }

    /// <summary>The provider takes messages, but not so many: this one was not taken and may be tried again.</summary>
    /// <param name="RetryAfter">How long the provider wants to be left alone, where it says so.</param>
    public sealed record Busy(TimeSpan? RetryAfter) : SendResult
    {
        public override string Name => "busy";
    }

    /// <summary>The provider cannot be reached, is down, or does not accept our account: the message was not taken.</summary>
    /// <param name="Reason">A short stable word, no text of the provider.</param>
    /// <param name="RetryAfter">How long the provider wants to be left alone, where it says so.</param>
    public sealed record Unavailable(string Reason, TimeSpan? RetryAfter = null) : SendResult
    {
        public override string Name => "unavailable";
    }

    /// <summary>The provider has not been asked: our contract or lease did not let the request leave (<see cref="Departure"/>).</summary>
    public sealed record HeldBack : SendResult
    {
        public override string Name => "held_back";
    }

    /// <summary>The request left and no clear answer came back: the provider may or may not have taken the message.</summary>
    /// <param name="Reason">A short stable word, no text of the provider.</param>
    public sealed record Unknown(string Reason) : SendResult
    {
        public override string Name => "unknown";
    }
}

/// <summary>How far a refusal reaches.</summary>
internal enum RefusalScope
{
    /// <summary>This provider or sender cannot send it; another route may.</summary>
    Route,

    /// <summary>No provider can send it: the number does not exist, the text is not allowed.</summary>
    Message,
}
