using System.Text.Json;

namespace SmsGateway.Load.Stack;

/// <summary>When the provider took which message, by its own record.</summary>
internal sealed class ProviderRecord
{
    private readonly Dictionary<Guid, DateTimeOffset> _takenAt = [];

    /// <summary>Messages that it took more than once.</summary>
    public int Doubled { get; private set; }

    public int Count => _takenAt.Count;

    /// <summary>The most messages that it took within any second.</summary>
    public int BusiestSecond
    {
        get
        {
            DateTimeOffset[] times = [.. _takenAt.Values.Order()];
            int most = 0;
            for (int first = 0, last = 0; last < times.Length; last++)
            {
                while (times[last] - times[first] >= TimeSpan.FromSeconds(1))
                {
                    first++;
                }

                most = Math.Max(most, last - first + 1);
            }

            return most;
        }
    }

    public static async Task<ProviderRecord> ReadAsync(BenchStack stack, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = stack.Simulator };
        using var lines = new StreamReader(await http.GetStreamAsync(new Uri("/control/log", UriKind.Relative), cancellationToken));
        var record = new ProviderRecord();
        while (await lines.ReadLineAsync(cancellationToken) is { Length: > 0 } line)
        {
            using var message = JsonDocument.Parse(line);
            bool isFirst = record._takenAt.TryAdd(
                message.RootElement.GetProperty("clientMessageId").GetGuid(), message.RootElement.GetProperty("acceptedAt").GetDateTimeOffset());
            record.Doubled += isFirst ? 0 : 1;
        }

        return record;
    }

    /// <summary>How much later than it should the provider took each of these messages, in milliseconds; endlessly where it has not.</summary>
    public Lateness LatenessOf(IEnumerable<KeyValuePair<Guid, DateTimeOffset>> due) => new(
        [.. due.Select(one => _takenAt.TryGetValue(one.Key, out var at) ? (at - one.Value).TotalMilliseconds : double.PositiveInfinity).Order()]);
}

/// <summary>By how much messages were late.</summary>
/// <param name="Sorted">Milliseconds, in ascending order.</param>
internal sealed record Lateness(double[] Sorted)
{
    public int Count => Sorted.Length;

    /// <summary>Messages that came before their time.</summary>
    public int Early => Sorted.Count(late => late < 0);

    /// <summary>So many percent are no later than this, in milliseconds.</summary>
    public double At(double percent) => Sorted.Length == 0 ? double.PositiveInfinity : Sorted[(int)Math.Ceiling(percent / 100 * Sorted.Length) - 1];
}
