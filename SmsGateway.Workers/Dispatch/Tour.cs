using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Dispatch;

/// <summary>What has been learnt of one message on its way through the routes.</summary>
internal struct Tour(QueuedMessage message)
{
    /// <summary>The message, with the attempts so far.</summary>
    public QueuedMessage Message = message;

    /// <summary>Some provider was asked, and it counts.</summary>
    public bool WasTried;

    /// <summary>Some route did not take it that may take it later.</summary>
    public bool CanWorkLater;

    /// <summary>The shortest time that such a route asked for.</summary>
    public TimeSpan Rest;

    /// <summary>The last provider that refused it.</summary>
    public string? RefusedBy;

    /// <summary>Why it did.</summary>
    public string? ErrorCode;

    /// <summary>A provider was asked.</summary>
    public void Tried()
    {
        Message = Message with { Attempts = Message.Attempts + 1 };
        WasTried = true;
    }

    /// <summary>A route did not take it now.</summary>
    public void MayWorkLater(TimeSpan? rest)
    {
        var asked = rest ?? TimeSpan.Zero;
        Rest = CanWorkLater && Rest < asked ? Rest : asked;
        CanWorkLater = true;
    }

    /// <summary>A route will never take it.</summary>
    public void Refused(string provider, string errorCode)
    {
        RefusedBy = provider;
        ErrorCode = errorCode;
    }
}
