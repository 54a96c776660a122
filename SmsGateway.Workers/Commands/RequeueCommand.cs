using System.CommandLine;

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
        command.SetAction((parsed, cancellationToken) => CommandHost.RunAsync(services => RunAsync(services, parsed.GetValue(list), cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(IServiceProvider services, bool onlyList, CancellationToken cancellationToken)
    {
        var deadLetters = ActivatorUtilities.CreateInstance<DeadLetters>(services);
        int requeued = 0;
        int left = 0;
        foreach (var (keys, raw, letter) in await deadLetters.ReadAsync())
        {
            RequeueResult? result = onlyList || letter is null ? null : await deadLetters.RequeueAsync(keys, raw, letter, cancellationToken);
            if (result == RequeueResult.Requeued)
            {
                requeued++;
                continue;
            }

            left++;
            string why = result is null or RequeueResult.Gone ? "" : $" (not requeued: {result})";
            await Console.Out.WriteLineAsync(
                letter is null ? "not a dead letter" : $"{letter.At:u} {letter.Source,-8} {letter.Id,-36} {letter.Reason}{why}");
        }

        await Console.Out.WriteLineAsync($"requeued {requeued}, left {left}");
        return 0;
    }
}
