using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using SmsGateway.ProviderSimulator.Control;
using SmsGateway.ProviderSimulator.Messages;

namespace SmsGateway.ProviderSimulator.Receipts;

/// <summary>
/// Posts receipts when they are due: one pump takes them from the queue, <see cref="SimulatorOptions.ReceiptConcurrency"/> senders
/// post them. When all senders are busy the pump waits and the receipts stay in the queue. At shutdown what waits is lost, as it
/// is when a provider dies that keeps no journal; with one, what was not done is posted again by the next process.
/// </summary>
internal sealed class ReceiptSender : BackgroundService
{
    private static readonly TimeSpan PumpInterval = TimeSpan.FromMilliseconds(5);

    private readonly ReceiptQueue _queue;
    private readonly ReceiptPoster _poster;
    private readonly SimulatorOptions _options;
    private readonly SimulatorStats _stats;
    private readonly MessageJournal _journal;
    private readonly TimeProvider _time;

    // Written by the pump, read by the senders; a rendezvous rather than a second queue, hence as small as it may be.
    private readonly Channel<ReceiptJob> _due;

    public ReceiptSender(
        ReceiptQueue queue, ReceiptPoster poster, SimulatorStats stats, MessageJournal journal, IOptions<SimulatorOptions> options, TimeProvider time)
    {
        (_queue, _poster, _stats, _journal, _options, _time) = (queue, poster, stats, journal, options.Value, time);
        _due = Channel.CreateBounded<ReceiptJob>(new BoundedChannelOptions(_options.ReceiptConcurrency) { SingleWriter = true });
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var (sid, earlier) in _journal.Unfinished)
        {
            _queue.Add(new ReceiptJob(sid, earlier.ToRequest(), default, earlier.Outcome, _queue.NowMs));
        }

        return Task.WhenAll(
            Enumerable.Range(0, _options.ReceiptConcurrency).Select(_ => SendAsync(stoppingToken)).Append(PumpAsync(stoppingToken)));
    }

    private async Task PumpAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(PumpInterval, _time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            while (_queue.TryTakeDue(_queue.NowMs, out var job))
            {
                await _due.Writer.WriteAsync(job, stopping);
            }
        }
    }

    private async Task SendAsync(CancellationToken stopping)
    {
        using var line = _poster.OpenLine();
        await foreach (var job in _due.Reader.ReadAllAsync(stopping))
        {
            var status = await line.PostAsync(job, stopping);
            if ((status is null or >= HttpStatusCode.InternalServerError) && ++job.FailedAttempts < _options.ReceiptAttempts)
            {
                _stats.CountReceipts(ReceiptResult.Retried);
                var backoff = _options.ReceiptBackoff * (1 << (job.FailedAttempts - 1));
                _queue.Return(job, _queue.NowMs + (long)backoff.TotalMilliseconds);
                continue;
            }

            var taken = status is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices;
            _stats.CountReceipts(taken ? ReceiptResult.Sent : ReceiptResult.Failed);
            job.MoveOn();
            if (job.Remaining > 0)
            {
                _queue.Return(job, job.CurrentDueMs);
            }
            else
            {
                _journal.Finish(job.Sid);
                _queue.Finish();
            }
        }
    }
}
