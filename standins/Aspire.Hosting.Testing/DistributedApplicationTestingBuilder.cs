using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>An AppHost's builder, in the hands of a test.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

/// <summary>Runs an AppHost's entry point up to its Build().</summary>
public static class DistributedApplicationTestingBuilder
{
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class
    {
        var interception = new EntryPointInterception(typeof(TEntryPoint).Assembly);
        return new TestingBuilder(interception, await interception.StartAsync(args, cancellationToken));
    }

    private sealed class TestingBuilder(EntryPointInterception interception, DistributedApplicationBuilder builder) : IDistributedApplicationTestingBuilder
    {
        public string AppHostDirectory => builder.AppHostDirectory;
        public ConfigurationManager Configuration => builder.Configuration;
        public IHostEnvironment Environment => builder.Environment;
        public DistributedApplicationExecutionContext ExecutionContext => builder.ExecutionContext;
        public IServiceCollection Services => builder.Services;
        public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource => builder.AddResource(resource);
        public DistributedApplication Build() => BuildAsync().GetAwaiter().GetResult();
        public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) => interception.BuildAsync(cancellationToken);
        public void Dispose() => interception.Abandon();
        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>What a test asks of a running application.</summary>
public static class DistributedApplicationHostingTestingExtensions
{
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = null) =>
        new() { BaseAddress = app.GetEndpoint(resourceName, endpointName) };
    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        var resource = app.Find<IResourceWithEndpoints>(resourceName);
        var name = endpointName ?? resource.Annotations.OfType<EndpointAnnotation>().First().Name;
        return new Uri(new EndpointReference(resource, name).Url);
    }

    public static ValueTask<string?> GetConnectionStringAsync(this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        app.Find<IResourceWithConnectionString>(resourceName).GetConnectionStringAsync(cancellationToken);

    private static T Find<T>(this DistributedApplication app, string name) where T : IResource =>
        app.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<T>()
            .FirstOrDefault(resource => string.Equals(resource.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no {typeof(T).Name} '{name}'.", nameof(name));
}
