namespace SmsGateway.Workers.Providers;

/// <summary>Whether a provider accepts our account: the alarm is logged once, and its end too. Every attempt tells.</summary>
internal sealed class AccountStanding(string provider, ILogger log)
{
    private int _isRefused;

    public void Refused(int status, string? code)
    {
        if (Interlocked.Exchange(ref _isRefused, 1) == 0)
        {
            ProviderLog.AccountRefused(log, provider, status, code);
        }
    }

    public void Accepted()
    {
        if (Volatile.Read(ref _isRefused) == 1 && Interlocked.Exchange(ref _isRefused, 0) == 1)
        {
            ProviderLog.AccountAccepted(log, provider);
        }
    }
}
