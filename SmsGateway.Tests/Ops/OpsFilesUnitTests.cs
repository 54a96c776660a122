using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SmsGateway.Tests.Ops;

/// <summary>Alarms are tested by Prometheus' own tool, which ./test installs.</summary>
public sealed class OpsFilesUnitTests
{
    [Theory]
    [InlineData("check config --syntax-only prometheus.yml")]
    [InlineData("check rules alerts.yml")]
    [InlineData("test rules alerts.test.yml")]
    public async Task Promtool_finds_nothing_wrong(string arguments)
    {
        var start = new ProcessStartInfo("promtool", arguments)
        {
            WorkingDirectory = Path.Combine(OpsFiles.Folder, "prometheus"), RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var promtool = Process.Start(start)!;
        var output = promtool.StandardOutput.ReadToEndAsync();
        string error = await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        Assert.True(promtool.ExitCode == 0, await output + error);
    }

    [Fact]
    public void Every_alarm_has_its_tests_its_drill_and_its_section_of_the_runbook_and_there_are_no_others()
    {
        Assert.NotEmpty(OpsFiles.Alarms);
        Assert.Equal(OpsFiles.Alarms.Order(), Regex.Matches(OpsFiles.Runbook, "^## (\\w+)$", RegexOptions.Multiline).Select(match => match.Groups[1].Value).Order());
        string tests = File.ReadAllText(Path.Combine(OpsFiles.Folder, "prometheus", "alerts.test.yml"));
        string drills = File.ReadAllText(Path.Combine(OpsFiles.Folder, "drills", "alarms"));
        Assert.All(OpsFiles.Alarms, alarm =>
        {
            Assert.Contains($"alertname: {alarm}\n        exp_alerts:", tests, StringComparison.Ordinal);
            Assert.Contains($"tells[{alarm}]=", drills, StringComparison.Ordinal);
            Assert.Contains($"runbook: docs/runbook.md#{alarm.ToLowerInvariant()}\n", OpsFiles.Rules, StringComparison.Ordinal);
        });
    }
}
