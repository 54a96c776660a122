using System.Text.Json;

using SmsGateway.ProviderSimulator.Control;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>What the provider knows: its own record of every message that it took.</summary>
internal sealed class SimulatorControl(HttpClient http) : IDisposable
{
    /// <summary>Every message taken since the simulator started, by our id of it.</summary>
    public async Task<ILookup<Guid, MessageView>> ReadLogAsync()
    {
        string lines = await http.GetStringAsync(new Uri("/control/log", UriKind.Relative));
        return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize(line, ControlJson.Default.MessageView)!)
            .ToLookup(message => message.ClientMessageId ?? Guid.Empty);
    }

    public void Dispose() => http.Dispose();
}
