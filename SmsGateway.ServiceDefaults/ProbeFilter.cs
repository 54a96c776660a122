using System.Diagnostics;
using OpenTelemetry;

namespace SmsGateway.ServiceDefaults;

/// <summary>
/// Takes probes out of the traces. A processor rather than a sampler, so that <c>OTEL_TRACES_SAMPLER</c> keeps its meaning.
/// </summary>
internal sealed class ProbeFilter : BaseProcessor<Activity>
{
    public override void OnStart(Activity data)
    {
        if (data.Kind is ActivityKind.Server && data.GetTagItem("url.path") is string path && ProbePaths.Contains(path))
        {
            data.LeaveOut();
        }
    }
}
