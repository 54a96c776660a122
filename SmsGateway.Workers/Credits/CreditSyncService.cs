using Microsoft.Extensions.Options;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Settings;
using SmsGateway.Workers.Audit;

namespace SmsGateway.Workers.Credits;

/// <summary>Section <c>Credits</c>.</summary>
[SharedSection("LargestTopUpCredits")]
internal sealed class CreditsOptions
{
    public const string Section = "Credits";

    /// <summary>How often every account with something to apply is synced.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan SyncInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often some accounts are checked for drift between Redis and database.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan DriftInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Accounts that are checked for drift at a time; all of them are, one part after the other.</summary>
    [AllowedRange(1, 10_000)]
    public int DriftAccounts { get; set; } = 1_000;
}

[OptionsValidator]
internal sealed partial class CreditsOptionsValidator : IValidateOptions<CreditsOptions>;

/// <summary>
/// Runs <c>sync_all_balances</c> periodically, and completes adjustments that a process has left. Several workers may do so at once: accounts
/// that another has locked are left to it.
/// </summary>
internal sealed class CreditSyncService(
    CreditSync sync, Adjuster adjuster, IOptions<CreditsOptions> options, TimeProvider clock, ILogger<CreditSyncService> log)
    : PeriodicService(options.Value.SyncInterval, clock, log)
{
    protected internal override async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        if (await adjuster.CompleteAllAsync(cancellationToken) is { Unreadable: > 0 } adjustments)
        {
            Log.AdjustmentsUnreadable(Logger, adjustments.Unreadable);
        }

        Log.CreditSynced(Logger, await sync.SyncAllAsync(cancellationToken));
    }
}

internal static class CreditExtensions
{
    /// <summary>Adds <c>sync_all_balances</c> and the watch over drift.</summary>
    public static IHostApplicationBuilder AddCredits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<CreditsOptions, CreditsOptionsValidator>(CreditsOptions.Section);
        builder.Services.AddHostedService<CreditSyncService>();
        builder.Services.AddSingleton<CreditMetrics>();
        builder.Services.AddSingleton<Reconciliation>();
        builder.Services.AddHostedService<DriftMonitor>();
        return builder;
    }
}
