using System.CommandLine;

using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Commands;

/// <summary>
/// <c>requeue</c>: puts dead letters back where they came from, once what was wrong has been mended; <c>--list</c> only shows them. Payloads are not
/// shown, for they hold texts and numbers.
/// </summary>
internal static class RequeueCommand
{
    public static Command Create()
    {
        var list = new Option<bool>("--list") { Description = "Only list the dead letters, with their reasons" };
        var command = new Command("requeue", "Put what was set aside as dead letters back where it came from") { list };
        command.SetAction((parsed, _) => CommandHost.RunAsync(services => RunAsync(services, parsed.GetValue(list))));
        return command;
    }

    private static async Task<int> RunAsync(IServiceProvider services, bool onlyList)
    {
        var deadLetters = new DeadLetters(services.GetRequiredService<IConnectionMultiplexer>(), services.GetRequiredService<Shards>());
        int requeued = 0;
        int left = 0;
        foreach (var (keys, raw, letter) in await deadLetters.ReadAsync())
        {
            bool isBack = !onlyList && letter is not null && await deadLetters.RequeueAsync(keys, raw, letter);
            requeued += isBack ? 1 : 0;
            left += isBack ? 0 : 1;
            if (!isBack)
            {
                await Console.Out.WriteLineAsync(
                    letter is null ? "not a dead letter" : $"{letter.At:u} {letter.Source,-8} {letter.Id,-36} {letter.Reason}");
            }
        }

        await Console.Out.WriteLineAsync($"requeued {requeued}, left {left}");
        return 0;
    }
}
