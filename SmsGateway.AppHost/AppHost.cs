using System.Globalization;
using SmsGateway.AppHost;
using SmsGateway.AppHost.Infrastructure;

var builder = DistributedApplication.CreateBuilder(args);
var settings = AppHostSettings.Read(builder);

var (redis, postgres, database) = builder.AddInfrastructure(settings);
var stack = new Stack(redis, postgres, database);

if (settings.Services == ServiceSet.All)
{
    var provider = builder.AddProvider(settings);

    var migrate = builder.AddProject<Projects.SmsGateway_Workers>("migrate", launchProfileName: null)
        .WithArgs("migrate")
        .AsService(settings)
        .WithReference(database)
        .WaitFor(postgres);

    var workers = builder.AddProject<Projects.SmsGateway_Workers>("workers", launchProfileName: null)
        .AsService(settings)
        .WithReplicas(settings.WorkerReplicas)
        .WithHttpEndpoint()
        .WithHttpHealthCheck("/health/")
        .WithReference(redis)
        .WithReference(database)
        .WithReference(provider)
        .WithLocalWebhooks()
        .WithOperatorCommands(settings, stack)
        .WaitFor(redis)
        .WaitForCompletion(migrate);

    var apis = builder.AddApis(settings, api => api
        .AsService(settings)
        .WithHttpHealthCheck("/health/")
        .WithEnvironment("Health__Workers", settings.WorkerReplicas.ToString(CultureInfo.InvariantCulture))
        .WithReference(redis)
        .WithReference(database)
        .WithReference(provider)
        .WaitFor(redis)
        .WaitForCompletion(migrate));

    var edge = builder.AddEdge(settings, apis);

    // Providers are told to send their delivery receipts through the edge: workers write the address, the API checks that it was signed.
    foreach (var service in apis.Append(workers))
    {
        service.WithEnvironment("Receipts__PublicUrl", edge);
    }

    stack = stack with { Edge = edge, Simulator = provider?.Simulator, Names = [.. stack.Names, "workers", .. apis.Select(api => api.Resource.Name), "edge"] };
}

builder.AddStackFile(settings, stack);
builder.Build().Run();
