using Microsoft.Extensions.Options;

using Npgsql;

namespace SmsGateway.Api.Accounts;

/// <summary>
/// Learns of changed keys and accounts, so that a revocation or suspension takes effect within a second at no cost to requests. While the
/// database is down, what is known stays valid; afterwards the poll goes on from where it stood, so nothing is missed.
/// </summary>
internal sealed class KeyPoll(
    KeyCache cache, KeyStore store, IOptions<AccountsOptions> options, TimeProvider time, ILogger<KeyPoll> log) : BackgroundService
{
    private DateTimeOffset? _seen;
    private bool _isStopped;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.PollInterval, time);
        do
        {
            try
            {
                await PollAsync(stoppingToken);
                Report(null);
            }
            catch (NpgsqlException down)
            {
                Report(down.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task PollAsync(CancellationToken cancellationToken)
    {
        // The first poll only learns the time. What was cached before it may have changed unseen.
        var after = _seen - options.Value.PollOverlap ?? DateTimeOffset.MaxValue;
        var (now, changes) = await store.ReadChangesAsync(after, cancellationToken);
        if (_seen is null)
        {
            cache.Clear();
        }

        int changed = changes.Count(change => cache.Refresh(change.Key, change.Caller));
        if (changed > 0)
        {
            Log.KeysChanged(log, changed);
        }

        _seen = now;
    }

    private void Report(string? failure)
    {
        if (failure is not null && !_isStopped)
        {
            Log.KeyPollStopped(log, failure);
        }
        else if (failure is null && _isStopped)
        {
            Log.KeyPollGoesOn(log);
        }

        _isStopped = failure is not null;
    }
}
