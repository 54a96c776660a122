using System.Diagnostics;
using OpenTelemetry;

namespace SmsGateway.ServiceDefaults;

/// <summary>
/// Takes out of the traces what loops ask of Redis and PostgreSQL to learn whether there is work: such a call has no parent, and an idle gateway makes
/// dozens a second, which would be nearly all that a person sees. What a message or a batch asks has a parent and stays.
/// </summary>
internal sealed class PollFilter : BaseProcessor<Activity>
{
    private const string Http = "System.Net.Http";

    public override void OnStart(Activity data)
    {
        if (data.Kind is ActivityKind.Client && data.ParentId is null && data.Source.Name != Http)
        {
            data.LeaveOut();
        }
    }
}
