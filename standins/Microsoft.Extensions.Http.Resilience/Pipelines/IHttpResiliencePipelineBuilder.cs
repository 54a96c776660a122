using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>A pipeline that was added to a client.</summary>
public interface IHttpResiliencePipelineBuilder
{
    /// <summary>The name of the client and of the pipeline.</summary>
    string PipelineName { get; }

    /// <summary>The services of the application.</summary>
    IServiceCollection Services { get; }
}

/// <summary>The standard pipeline of a client.</summary>
public interface IHttpStandardResiliencePipelineBuilder
{
    /// <summary>The name of the client and of the pipeline, which is also the name of its options.</summary>
    string PipelineName { get; }

    /// <summary>The services of the application.</summary>
    IServiceCollection Services { get; }
}

internal sealed record HttpResiliencePipelineBuilder(string PipelineName, IServiceCollection Services)
    : IHttpResiliencePipelineBuilder, IHttpStandardResiliencePipelineBuilder;
