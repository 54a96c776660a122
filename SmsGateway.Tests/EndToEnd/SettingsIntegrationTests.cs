using System.Diagnostics;

using SmsGateway.Api.Messages;
using SmsGateway.Workers.Ingest;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>A wrong setting stops the program at its start, and the operator reads which one it is, its value and what is allowed.</summary>
public sealed class SettingsIntegrationTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public Task Workers_with_a_batch_of_none_stop_and_say_why() =>
        AssertStopsAsync(typeof(IngestOptions).Assembly.Location, "Ingest:BatchSize", "0", "1 to 20000");

    [Fact]
    public Task Api_without_room_for_messages_stops_and_says_why() =>
        AssertStopsAsync(typeof(AcceptOptions).Assembly.Location, "Accept:BacklogLimit", "0", "1 to 100000000");

    [Fact]
    public Task Workers_with_a_duration_that_is_none_stop_and_say_what_is_allowed() =>
        AssertStopsAsync(typeof(IngestOptions).Assembly.Location, "Ingest:Linger", "tomorrow", "00:00:00.001 to 00:01:00");

    private static async Task AssertStopsAsync(string program, string setting, string value, string allowed)
    {
        var start = new ProcessStartInfo("dotnet", [program]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["ConnectionStrings__redis"] = "127.0.0.1:1,abortConnect=false";
        start.Environment["ConnectionStrings__smsdb"] = "Host=127.0.0.1;Port=1";
        start.Environment[setting.Replace(":", "__", StringComparison.Ordinal)] = value;
        using var process = Process.Start(start)!;
        try
        {
            using var limit = new CancellationTokenSource(Limit);
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.NotEqual(0, process.ExitCode);
            Assert.Contains($"{setting} is {value}; allowed: {allowed}", await output + await error, StringComparison.Ordinal);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
