using SmsGateway.ServiceDefaults;

namespace Microsoft.Extensions.Hosting;

/// <summary>How logs look on the console.</summary>
public static class LogDefaultsExtensions
{
    /// <summary>
    /// One line an entry, with the time in UTC; <c>Logging:Console:FormatterName=json</c> gives JSON. Any other source of
    /// configuration overrides this. The framework's own chatter is held back: it names each request's
    /// path and query, which may hold a phone number.
    /// </summary>
    public static TBuilder AddLogDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Configuration.AddDefaults(new()
        {
            // Named although it is the default: without a name the console overrides these options with its obsolete ones.
            ["Logging:Console:FormatterName"] = "simple",
            ["Logging:Console:FormatterOptions:SingleLine"] = "true",
            ["Logging:Console:FormatterOptions:TimestampFormat"] = "yyyy-MM-ddTHH:mm:ss.fffZ ",
            ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
            ["Logging:LogLevel:Default"] = "Information",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
            ["Logging:LogLevel:Npgsql"] = "Warning",
            ["Logging:LogLevel:Polly"] = "Warning",
            ["Logging:LogLevel:StackExchange.Redis"] = "Warning",
            ["Logging:LogLevel:System.Net.Http.HttpClient"] = "Warning",
        });

        return builder;
    }
}
