using System.CommandLine;

using SmsGateway.Workers.DeadLetters;
using SmsGateway.Workers.Watchdog;

namespace SmsGateway.Workers.Commands;

/// <summary>
/// <c>requeue</c>: puts all dead letters back where they came from, once what was wrong has been mended. <c>--stuck</c>: instead moves what nothing would
/// happen to by itself. A message that a provider may have is never sent again by it.
/// </summary>
internal static class RequeueCommand
{
    private static readonly TimeSpan DefaultAge = TimeSpan.FromMinutes(5);

    public static Command Create()
    {
        var stuck = new Option<bool>("--stuck") { Description = "Instead of dead letters, move messages that are stuck" };
        var dryRun = new Option<bool>("--dry-run") { Description = "With --stuck: only show them" };
        var age = new Option<TimeSpan>("--older-than")
        {
            Description = "With --stuck: only messages of at least this age", DefaultValueFactory = _ => DefaultAge,
        };
        var command = new Command("requeue", "Put all dead letters back where they came from, or move what is stuck") { stuck, dryRun, age };
        command.SetAction((parsed, cancellationToken) => CommandHost.RunAsync(services => parsed.GetValue(stuck)
            ? MoveStuckAsync(services, parsed.GetValue(dryRun), parsed.GetValue(age), cancellationToken)
            : DeadLettersCommand.RequeueAsync(ActivatorUtilities.CreateInstance<DeadLetterBox>(services), [], all: true, cancellationToken)));
        return command;
    }

    private static async Task<int> MoveStuckAsync(IServiceProvider services, bool dryRun, TimeSpan age, CancellationToken cancellationToken)
    {
        var messages = ActivatorUtilities.CreateInstance<StuckMessages>(services);
        int left = 0;
        var found = await messages.FindAsync(age, cancellationToken);
        foreach (var stuck in found)
        {
            bool isMoved = !dryRun && await messages.MoveAsync(stuck);
            left += isMoved ? 0 : 1;
            await Console.Out.WriteLineAsync($"{stuck.Id} {Describe(stuck.Kind)}{(isMoved ? "" : " (left)")}");
        }

        await Console.Out.WriteLineAsync($"moved {found.Count - left}, left {left}");
        return left == 0 || dryRun ? 0 : 1;
    }

    private static string Describe(StuckKind kind) => kind switch
    {
        StuckKind.NotInRotation => "its account is not served: named in the rotation again",
        StuckKind.NotListed => "waits in no list: sent",
        StuckKind.NotStored => "waits in no list and is not stored: stored and sent",
        _ => "is nowhere in Redis, a provider may have it: unknown, not sent again",
    };
}
