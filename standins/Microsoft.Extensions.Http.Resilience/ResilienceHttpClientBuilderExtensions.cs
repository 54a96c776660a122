using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts resilience pipelines in front of HTTP clients.</summary>
public static class ResilienceHttpClientBuilderExtensions
{
    private const string StandardPipelineName = "standard";

    /// <summary>Adds a pipeline of total timeout, retries, circuit breaker and attempt timeout, in this order.</summary>
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(
        this IHttpClientBuilder builder, Action<HttpStandardResilienceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddStandardResilienceHandler().Configure(configure);
    }

    /// <inheritdoc cref="AddStandardResilienceHandler(IHttpClientBuilder, Action{HttpStandardResilienceOptions})" />
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var pipeline = builder.AddPipeline(StandardPipelineName, (pipeline, context) =>
        {
            var options = context.ServiceProvider
                .GetRequiredService<IOptionsMonitor<HttpStandardResilienceOptions>>()
                .Get(context.BuilderName);

            pipeline
                .AddTimeout(options.TotalRequestTimeout)
                .AddRetry(options.Retry)
                .AddCircuitBreaker(options.CircuitBreaker)
                .AddTimeout(options.AttemptTimeout);
        });

        builder.Services
            .AddOptionsWithValidateOnStart<HttpStandardResilienceOptions>(pipeline.PipelineName)
            .Validate(
                options => options.AttemptTimeout.Timeout <= options.TotalRequestTimeout.Timeout,
                "The total request timeout must not be shorter than the attempt timeout.")
            .Validate(
                options => options.CircuitBreaker.SamplingDuration >= 2 * options.AttemptTimeout.Timeout,
                "The sampling duration of the circuit breaker must be at least twice the attempt timeout.");

        // The pipeline's timeouts rule; the client's own would cut retries short.
        builder.ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan);

        return pipeline;
    }

    /// <summary>Adds a pipeline that the caller builds.</summary>
    public static IHttpResiliencePipelineBuilder AddResilienceHandler(
        this IHttpClientBuilder builder,
        string pipelineName,
        Action<ResiliencePipelineBuilder<HttpResponseMessage>> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddResilienceHandler(pipelineName, (pipeline, _) => configure(pipeline));
    }

    /// <summary>Adds a pipeline that the caller builds with the help of services.</summary>
    public static IHttpResiliencePipelineBuilder AddResilienceHandler(
        this IHttpClientBuilder builder,
        string pipelineName,
        Action<ResiliencePipelineBuilder<HttpResponseMessage>, ResilienceHandlerContext> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(pipelineName);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddPipeline(pipelineName, configure);
    }

    private static HttpResiliencePipelineBuilder AddPipeline(
        this IHttpClientBuilder builder,
        string pipelineName,
        Action<ResiliencePipelineBuilder<HttpResponseMessage>, ResilienceHandlerContext> configure)
    {
        var name = $"{builder.Name}-{pipelineName}";
        builder.Services.TryAddSingleton<HttpPipelineRegistry>();
        builder.Services.Configure<HttpPipelineDefinition>(name, definition => definition.Configure ??= configure);

        builder.AddHttpMessageHandler(services =>
        {
            var registry = services.GetRequiredService<HttpPipelineRegistry>();
            return new ResilienceHandler(request => registry.Get(name, request));
        });

        return new HttpResiliencePipelineBuilder(name, builder.Services);
    }
}
