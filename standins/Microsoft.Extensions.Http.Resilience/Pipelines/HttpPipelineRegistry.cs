using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Polly;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>How the pipelines of one name are built, and by what of a request they are told apart.</summary>
internal sealed class HttpPipelineDefinition
{
    public Action<ResiliencePipelineBuilder<HttpResponseMessage>, ResilienceHandlerContext>? Configure { get; set; }

    public Func<HttpRequestMessage, string> SelectInstance { get; private set; } = _ => "";

    public void SelectByAuthority() => SelectInstance = request =>
        request.RequestUri?.GetLeftPart(UriPartial.Authority) ?? throw new InvalidOperationException("The request has no address.");
}

/// <summary>
/// Builds each pipeline once. Pipelines live here and not in the handlers, which the client factory replaces every few minutes:
/// a circuit must stay open meanwhile. As many are kept as there are names and, where that is chosen, authorities.
/// </summary>
internal sealed class HttpPipelineRegistry(IServiceProvider services, IOptionsMonitor<HttpPipelineDefinition> definitions)
{
    // Lazy, since two pipelines for one key would each count only a part of the failures.
    private readonly ConcurrentDictionary<(string Name, string Instance), Lazy<ResiliencePipeline<HttpResponseMessage>>> _pipelines = new();

    public ResiliencePipeline<HttpResponseMessage> Get(string name, HttpRequestMessage request)
    {
        var definition = definitions.Get(name);
        var key = (name, definition.SelectInstance(request));
        return _pipelines.GetOrAdd(key, key => new(() => Build(definition, key.Name, key.Instance))).Value;
    }

    private ResiliencePipeline<HttpResponseMessage> Build(HttpPipelineDefinition definition, string name, string instance)
    {
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { Name = name, InstanceName = instance };
        definition.Configure?.Invoke(builder, new ResilienceHandlerContext(services, name, instance));
        return builder.Build();
    }
}
