namespace Microsoft.Extensions.Http.Resilience;

/// <summary>What is known while a pipeline is built.</summary>
public sealed class ResilienceHandlerContext
{
    internal ResilienceHandlerContext(IServiceProvider services, string builderName, string instanceName)
    {
        ServiceProvider = services;
        BuilderName = builderName;
        InstanceName = instanceName;
    }

    /// <summary>The services of the application.</summary>
    public IServiceProvider ServiceProvider { get; }

    /// <summary>The name of the pipeline.</summary>
    public string BuilderName { get; }

    /// <summary>Which of the pipelines of that name this is; empty if there is only one.</summary>
    public string InstanceName { get; }
}
