namespace SmsGateway.Workers.Providers;

/// <summary>What providers log. Event ids 2250 to 2299.</summary>
internal static partial class ProviderLog
{
    [LoggerMessage(
        2250,
        LogLevel.Error,
        "Provider {Provider} refuses our account (status {Status}, code {Code}): "
        + "nothing is sent through it until its credentials and standing are in order")]
    public static partial void AccountRefused(ILogger logger, string provider, int status, string? code);

    [LoggerMessage(2251, LogLevel.Information, "Provider {Provider} accepts our account again")]
    public static partial void AccountAccepted(ILogger logger, string provider);

    [LoggerMessage(2252, LogLevel.Error, "Provider {Provider} fails ({Reason}); its breaker is open for {Break}")]
    public static partial void BreakerOpened(ILogger logger, string provider, string reason, TimeSpan @break);

    [LoggerMessage(2253, LogLevel.Debug, "Provider {Provider} is being probed")]
    public static partial void BreakerHalfOpened(ILogger logger, string provider);

    [LoggerMessage(2254, LogLevel.Information, "Provider {Provider} works again; its breaker is closed")]
    public static partial void BreakerClosed(ILogger logger, string provider);

    [LoggerMessage(
        2255, LogLevel.Warning, "Receipts:PublicUrl is not set: providers are not asked to report delivery, messages stay at 'sent'")]
    public static partial void NoReceipts(ILogger logger);

    [LoggerMessage(2257, LogLevel.Warning, "Redis gives no tokens for provider {Provider}: nothing is sent through it meanwhile")]
    public static partial void NoTokens(ILogger logger, string provider, Exception error);

    [LoggerMessage(2256, LogLevel.Warning, "No provider is enabled: messages wait")]
    public static partial void NoneEnabled(ILogger logger);
}
