namespace SmsGateway.Api;

/// <summary>What the metrics of all features have in common.</summary>
internal static class ApiTelemetry
{
    public const string MeterName = "SmsGateway.Api";
}
