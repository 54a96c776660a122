using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using SmsGateway.ProviderSimulator.Control;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>What the provider knows: its own record of every message that it took.</summary>
internal sealed class SimulatorControl(HttpClient http) : IDisposable
{
    private static readonly Uri Faults = new("/control/faults", UriKind.Relative);

    /// <summary>Every message taken since the simulator started, by our id of it.</summary>
    public async Task<ILookup<Guid, MessageView>> ReadLogAsync()
    {
        string lines = await http.GetStringAsync(new Uri("/control/log", UriKind.Relative));
        return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize(line, ControlJson.Default.MessageView)!)
            .ToLookup(message => message.ClientMessageId ?? Guid.Empty);
    }

    /// <summary>Makes the provider answer wrongly, with these shares of its answers.</summary>
    /// <returns>Its faults of before, for <see cref="SetFaultsAsync"/>.</returns>
    public async Task<string> BreakAsync(string answerShares)
    {
        string before = await http.GetStringAsync(Faults);
        var faults = JsonNode.Parse(before)!;
        faults["answers"] = JsonNode.Parse(answerShares);
        await SetFaultsAsync(faults.ToJsonString());
        return before;
    }

    public async Task SetFaultsAsync(string faults)
    {
        using var content = new StringContent(faults, Encoding.UTF8, MediaTypeNames.Application.Json);
        using var response = await http.PutAsync(Faults, content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public void Dispose() => http.Dispose();
}
