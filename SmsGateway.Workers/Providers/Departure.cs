namespace SmsGateway.Workers.Providers;

/// <summary>
/// The moment at which a request leaves: its connection stands, its first byte is not written yet. What must hold for it to be sent is looked at
/// then, for making a connection takes its time. From then on the provider may have the message.
/// </summary>
/// <param name="mayLeave">Whether this worker still holds its lease; null: nothing else could send.</param>
/// <param name="rate">The contract's messages a second; null: there is no such limit.</param>
/// <param name="token">The token that was taken for the request; null: one is taken when it leaves.</param>
/// <param name="time">The clock of the pauses in which there is no token.</param>
internal sealed class Departure(Func<bool>? mayLeave, RateLimit? rate, RateToken? token, TimeProvider time)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);

    /// <summary>One that depends on nothing.</summary>
    public Departure()
        : this(null, null, null, TimeProvider.System)
    {
    }

    /// <summary>Whether the request may have left. Until then no provider can have taken what it says.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>Whether it stayed, or waits, because contract or lease do not allow it to leave: nothing that the provider is to blame for.</summary>
    public bool IsHeldBack { get; private set; }

    /// <summary>To be called once, right before the request is written. Waits for a token where the one that was taken has ended.</summary>
    /// <exception cref="OperationCanceledException">It must not leave: the lease is lost, or it was told to stop.</exception>
    public async ValueTask LeaveAsync(CancellationToken cancellationToken)
    {
        IsHeldBack = true;
        while (rate is not null && (token is null || !rate.IsAlive(token.Value)))
        {
            token = await rate.TakeAsync();
            if (token is null)
            {
                await Task.Delay(rate.Wait > ShortestPause ? rate.Wait : ShortestPause, time, cancellationToken);
            }
        }

        if (mayLeave is not null && !mayLeave())
        {
            throw new OperationCanceledException("the lease is lost");
        }

        IsHeldBack = false;
        HasLeft = true;
    }
}
