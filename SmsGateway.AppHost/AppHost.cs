using System.Globalization;
using SmsGateway.AppHost;
using SmsGateway.AppHost.Deployment;
using SmsGateway.AppHost.Infrastructure;

// What the processes write is in the log too, not on the dashboard alone: it tells why one does not start.
var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, EnableResourceLogging = true });
var settings = AppHostSettings.Read(builder);
builder.AddDeployment(settings);

var (redis, postgres, database) = builder.AddInfrastructure(settings);
var stack = new Stack(redis, postgres, database);

if (settings.Services == ServiceSet.All)
{
    var provider = builder.AddProvider(settings);

    var migrate = builder.AddMigration(settings, database, postgres);

    var workers = builder.AddWorkers(settings)
        .AsService(settings)
        .WithHttpHealthCheck("/health/")
        .WithReference(redis)
        .WithReference(database)
        .WithReference(provider)
        .WithLocalWebhooks()
        .WithOperatorCommands(settings, stack)
        .WithOwnMigration(settings)
        .WaitFor(redis)
        .After(migrate);

    var apis = builder.AddApis(settings, api => api
        .AsService(settings)
        .WithHttpHealthCheck("/health/")
        .WithEnvironment("Health__Workers", settings.WorkerReplicas.ToString(CultureInfo.InvariantCulture))
        .WithReference(redis)
        .WithReference(database)
        .WithReference(provider)
        .WaitFor(redis)
        .After(migrate));

    var edge = builder.AddEdge(settings, apis);
    builder.AddPublicUrl(settings, edge, [workers, .. apis]);

    stack = stack with { Edge = edge, Simulator = provider?.Simulator, Services = [workers.Resource, .. apis.Select(api => api.Resource)] };
}

builder.AddStackFile(settings, stack);
builder.Build().Run();
