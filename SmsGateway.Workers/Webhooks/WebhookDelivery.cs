using System.Threading.Channels;

using Microsoft.Extensions.Options;

using Npgsql;

namespace SmsGateway.Workers.Webhooks;

/// <summary>
/// Tells customers: claims what is due, calls, writes down what came of it, in one loop whose calls run beside it. It claims no more than it has
/// slots, and a slot is free again only when the end of its call is written down. When it stops it claims nothing more and waits for the calls under
/// way; what is cut off even so is told again after its lease, with the same id.
/// </summary>
internal sealed class WebhookDelivery : BackgroundService
{
    private readonly WebhookOutbox _outbox;
    private readonly WebhookSecrets _secrets;
    private readonly WebhookSender _sender;
    private readonly WebhookSchedule _schedule;
    private readonly WebhookMetrics _metrics;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<WebhookDelivery> _log;
    private readonly WebhookLanes _lanes;

    /// <summary>Calls that have ended. Never more than there are slots.</summary>
    private readonly Channel<Call> _ended = Channel.CreateUnbounded<Call>();

    /// <summary>Waits for the next call to end; one such wait at a time.</summary>
    private Task<bool>? _anyEnded;

    /// <summary>What has ended and is not written down yet.</summary>
    private readonly List<(Call Call, WebhookVerdict Verdict)> _unrecorded = [];

    public WebhookDelivery(
        WebhookOutbox outbox, WebhookSecrets secrets, WebhookSender sender, WebhookSchedule schedule, WebhookMetrics metrics, Random random,
        IOptions<WebhookOptions> options, TimeProvider clock, ILogger<WebhookDelivery> log)
    {
        (_outbox, _secrets, _sender, _schedule, _metrics, _options, _clock, _log) =
            (outbox, secrets, sender, schedule, metrics, options.Value, clock, log);
        _lanes = new(_options.Concurrency, _options.LaneConcurrency, clock, random);
        metrics.WatchInFlight(() => _lanes.InFlight);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var outage = NewOutage();
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = TimeSpan.Zero;
            try
            {
                pause = await RunAsync(stoppingToken) ? TimeSpan.Zero : _options.PollInterval;
                outage.Ended();
            }
#pragma warning disable CA1031 // A mistake of ours must not end the loop: what is in the outbox is safe there, and the log says what is wrong.
            catch (Exception error)
#pragma warning restore CA1031
            {
                // Where it is being stopped: what was just claimed is due again after its lease.
                pause = stoppingToken.IsCancellationRequested ? TimeSpan.Zero : outage.Failed(error);
            }

            await RestAsync(pause, stoppingToken);
        }

        await DrainAsync();
    }

    /// <summary>Waits for so long, or until a call ends.</summary>
    private async Task RestAsync(TimeSpan pause, CancellationToken stoppingToken)
    {
        if (pause > TimeSpan.Zero && _ended.Reader.Count == 0)
        {
            _anyEnded = _anyEnded is null or { IsCompleted: true } ? _ended.Reader.WaitToReadAsync(CancellationToken.None).AsTask() : _anyEnded;
            await Task.WhenAny(_anyEnded, Task.Delay(pause, _clock, stoppingToken));
        }
    }

    /// <summary>One turn; whether another may find more to do at once.</summary>
    private async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await RecordAsync(cancellationToken);
        if (_lanes.Free == 0)
        {
            return false;
        }

        var events = await _outbox.ClaimAsync(_lanes.Free, _lanes.Restricted(), cancellationToken);
        foreach (var what in events)
        {
            _lanes.Begin(what.Lane);
            _ = CallAsync(what);
        }

        return _lanes.Free > 0 && (events.Count > 0 || !_outbox.IsRoundComplete);
    }

    /// <summary>Never fails: whatever goes wrong is an answer like any other.</summary>
    private async Task CallAsync(WebhookEvent what)
    {
        await Task.Yield();
        long started = _clock.GetTimestamp();
        WebhookAnswer answer;
        try
        {
            var ready = what.Secrets.Count > 0 ? what : what with { Secrets = [await _secrets.GetAsync(what.Lane.UserId, CancellationToken.None)] };
            answer = await _sender.SendAsync(ready);
        }
        catch (NpgsqlException error)
        {
            Log.WebhookBroken(_log, what.Id, error);
            answer = new(WebhookAnswerKind.Failed, "internal_error");
        }

        await _ended.Writer.WriteAsync(new(what, answer, _clock.GetElapsedTime(started)));
    }

    /// <summary>Writes down what has ended. Where that fails it is kept, with its slots, for the next turn.</summary>
    private async Task RecordAsync(CancellationToken cancellationToken)
    {
        while (_ended.Reader.TryRead(out var call))
        {
            _metrics.Called(call.Answer.Kind, call.Duration);
            _unrecorded.Add((call, _schedule.Judge(call.What, call.Answer)));
        }

        if (_unrecorded.Count == 0)
        {
            return;
        }

        WebhookVerdict[] verdicts = [.. _unrecorded.Select(ended => ended.Verdict)];
        await _outbox.RecordAsync(verdicts, cancellationToken);
        _metrics.Recorded(verdicts);
        foreach (var (call, _) in _unrecorded)
        {
            bool isTroubled = call.Answer.Kind != WebhookAnswerKind.Delivered || call.Duration > _options.SlowAnswer;
            _lanes.End(call.What.Lane, isTroubled, call.Answer.RetryAfter ?? TimeSpan.Zero);
        }

        _unrecorded.Clear();
    }

    /// <summary>Bounded by the time of a call.</summary>
    private async Task DrainAsync()
    {
        try
        {
            while (_lanes.InFlight > 0)
            {
                if (_unrecorded.Count == 0)
                {
                    await _ended.Reader.WaitToReadAsync(CancellationToken.None);
                }

                await RecordAsync(CancellationToken.None);
            }
        }
        catch (NpgsqlException error)
        {
            NewOutage().Failed(error);
        }
    }

    private Outage NewOutage() => new(nameof(WebhookDelivery), null, _clock, _log);

    private readonly record struct Call(WebhookEvent What, WebhookAnswer Answer, TimeSpan Duration);
}
