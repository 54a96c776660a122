using System.CommandLine;

namespace SmsGateway.Workers.Commands;

/// <summary>The command line of the workers' program: without a command it runs the workers, with one it is the operator's tool.</summary>
internal static class GatewayCommandLine
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Runs the workers of the SMS gateway, or one operator's command against the stack that the connection strings name.")
        {
            MigrateCommand.Create(),
            SeedCommand.Create(),
            SyncBalancesCommand.Create(),
            AdjustCommand.Create(),
            ReconcileCommand.Create(),
            AccountCommands.CreateSuspend(),
            AccountCommands.CreateResume(),
            KeysCommand.Create(),
            DispatchCommand.Create(),
            PartitionsCommand.Create(),
            DeadLettersCommand.Create(),
            RequeueCommand.Create(),
            WebhooksCommand.Create(),
            AuditCommand.Create(),
        };
        root.SetAction((_, cancellationToken) => WorkersHost.RunAsync(cancellationToken));
        return root;
    }
}
