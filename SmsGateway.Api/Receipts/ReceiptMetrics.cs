using System.Diagnostics.Metrics;

using SmsGateway.Core.Messages;

namespace SmsGateway.Api.Receipts;

/// <summary>Counts receipts.</summary>
internal sealed class ReceiptMetrics
{
    private readonly Counter<long> _taken;
    private readonly Counter<long> _refused;

    public ReceiptMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ApiTelemetry.MeterName);
        _taken = meter.CreateCounter<long>("sms_receipts", "{receipt}", "Delivery receipts taken, by provider and state");
        _refused = meter.CreateCounter<long>("sms_receipts_refused", "{receipt}", "Delivery receipts with a wrong signature, by provider");
    }

    public void Taken(string provider, MessageState state) =>
        _taken.Add(1, new("provider", provider), new KeyValuePair<string, object?>("state", state.Name()));

    public void Refused(string provider) => _refused.Add(1, new KeyValuePair<string, object?>("provider", provider));
}
