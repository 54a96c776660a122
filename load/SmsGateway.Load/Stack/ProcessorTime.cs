using System.Globalization;

namespace SmsGateway.Load.Stack;

/// <summary>
/// Processor time that the parts of a stack have used, each with all processes that it has started. Unlike a rate it says the same on a machine
/// that does other things besides.
/// </summary>
internal sealed class ProcessorTime(IReadOnlyDictionary<string, int> processes)
{
    // USER_HZ: fixed at 100 on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Seconds that each part has used since it started.</summary>
    public IReadOnlyDictionary<string, double> Read()
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? ReadOne(id) : null)
            .OfType<OneProcess>()
            .ToList();
        var children = all.ToLookup(process => process.Parent);
        var byId = all.ToDictionary(process => process.Id);
        double Sum(OneProcess process) => process.Seconds + children[process.Id].Sum(Sum);
        return processes.ToDictionary(part => part.Key, part => byId.TryGetValue(part.Value, out var process) ? Sum(process) : 0);
    }

    private static OneProcess? ReadOne(int id)
    {
        try
        {
            // After the name, which stands in brackets and may hold anything: state, parent, …; the times are fields 14 to 17 of all.
            string stat = File.ReadAllText($"/proc/{id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            long ticks = fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
            return new(id, int.Parse(fields[1], CultureInfo.InvariantCulture), ticks / TicksPerSecond);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }

    /// <param name="Id">The process.</param>
    /// <param name="Parent">Its parent.</param>
    /// <param name="Seconds">Its own time and that of children that have ended.</param>
    private sealed record OneProcess(int Id, int Parent, double Seconds);
}
