using System.Globalization;

namespace SmsGateway.Load.Stack;

/// <summary>Which process of a resource is the service itself.</summary>
internal static class ServiceProcess
{
    /// <summary>Aspire runs a project by <c>dotnet run</c>, whose child is the service; the stand-in starts the service itself.</summary>
    public static int Below(int processId)
    {
        var command = File.ReadAllText($"/proc/{processId}/cmdline").Split('\0');
        return command is [_, "run", ..]
            ? int.TryParse(File.ReadAllText($"/proc/{processId}/task/{processId}/children"), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int child)
                ? child
                : throw new InvalidOperationException($"dotnet run ({processId}) has no child, or several")
            : processId;
    }
}
