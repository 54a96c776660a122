using System.Diagnostics;
using System.Diagnostics.Metrics;

using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Dispatch;

/// <summary>What is measured of dispatch.</summary>
internal sealed class DispatchMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _returned;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _promoted;

    public DispatchMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(WorkersTelemetry.MeterName);
        _sent = _meter.CreateCounter<long>("sms_sent", description: "Messages that a provider has taken");
        _failed = _meter.CreateCounter<long>(
            "sms_failed", description: "Messages that dispatch ended otherwise, by state: failed, expired, unknown");
        _returned = _meter.CreateCounter<long>("sms_dispatch_returned", description: "Messages given back to be sent later");
        _deadLetters = _meter.CreateCounter<long>("sms_dispatch_dead_letters", description: "Payloads set aside by dispatch");
        _promoted = _meter.CreateCounter<long>("sms_promoted", description: "Scheduled and returned messages whose time has come");
    }

    /// <summary>Shows how many messages the dispatcher holds.</summary>
    public void WatchHeld(Func<int> held) => _meter.CreateObservableGauge(
        "sms_dispatch_in_flight", held, description: "Messages claimed by this worker whose outcome is not written yet");

    /// <summary>An outcome that dispatch is about to write.</summary>
    public void Learnt(Outcome outcome, Priority priority)
    {
        if (outcome.State == MessageState.Sent)
        {
            _sent.Add(1, new TagList { { "provider", outcome.Provider }, { "priority", priority.Name() } });
        }
        else
        {
            _failed.Add(
                1, new TagList { { "provider", outcome.Provider }, { "priority", priority.Name() }, { "state", outcome.State.Name() } });
        }
    }

    public void Returned(int messages) => _returned.Add(messages);

    public void SetAside(int payloads) => _deadLetters.Add(payloads);

    public void Promoted(long messages) => _promoted.Add(messages);
}
