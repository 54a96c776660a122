namespace SmsGateway.ServiceDefaults;

/// <summary>The paths that machines poll. They are neither traced nor counted, for they would drown the traffic that matters.</summary>
internal static class ProbePaths
{
    public const string Alive = "/alive";
    public const string Health = "/health";
    public const string Metrics = "/metrics";

    public static bool Contains(string path) => path.TrimEnd('/') is Alive or Health or Metrics;
}
