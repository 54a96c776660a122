using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Refines a pipeline.</summary>
public static class HttpResiliencePipelineBuilderExtensions
{
    /// <summary>Gives each scheme, host and port a pipeline of its own, so that one server's failures open no other's circuit.</summary>
    public static IHttpResiliencePipelineBuilder SelectPipelineByAuthority(this IHttpResiliencePipelineBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure<HttpPipelineDefinition>(builder.PipelineName, definition => definition.SelectByAuthority());
        return builder;
    }
}

/// <summary>Refines the standard pipeline.</summary>
public static class HttpStandardResiliencePipelineBuilderExtensions
{
    /// <summary>Changes the options of the pipeline.</summary>
    public static IHttpStandardResiliencePipelineBuilder Configure(
        this IHttpStandardResiliencePipelineBuilder builder, Action<HttpStandardResilienceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Configure(builder.PipelineName, configure);
        return builder;
    }

    /// <inheritdoc cref="HttpResiliencePipelineBuilderExtensions.SelectPipelineByAuthority" />
    public static IHttpStandardResiliencePipelineBuilder SelectPipelineByAuthority(this IHttpStandardResiliencePipelineBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure<HttpPipelineDefinition>(builder.PipelineName, definition => definition.SelectByAuthority());
        return builder;
    }
}
