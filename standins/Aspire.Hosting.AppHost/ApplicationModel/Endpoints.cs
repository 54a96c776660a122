using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An address that a resource listens on.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    internal EndpointAnnotation(string name, string uriScheme, int? port, int? targetPort, string? environmentVariable)
    {
        Name = name;
        UriScheme = uriScheme;
        Port = port;
        TargetPort = targetPort;
        EnvironmentVariable = environmentVariable;
        Transport = uriScheme is "http" or "https" ? "http" : "tcp";
    }

    public string Name { get; }

    public string UriScheme { get; set; }

    public int? Port { get; set; }

    public int? TargetPort { get; set; }

    public bool IsExternal { get; set; }

    public string Transport { get; set; }

    internal string? EnvironmentVariable { get; }

    // One a replica. The stand-in has no proxy: every replica listens on its own port, and a reference means the first.
    // Written once, before anything starts.
    internal IReadOnlyList<int> AllocatedPorts { get; set; } = [];
}

/// <summary>Which part of an endpoint is meant.</summary>
public enum EndpointProperty
{
    Url = 0,
    Host = 1,
    IPV4Host = 2,
    Port = 3,
    Scheme = 4,
    TargetPort = 5,
    HostAndPort = 6,
}

/// <summary>An endpoint of some resource.</summary>
public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName) : IExpressionValue
{
    public IResourceWithEndpoints Resource { get; } = owner;
    public string EndpointName { get; } = endpointName;
    public EndpointAnnotation EndpointAnnotation =>
        Resource.Annotations.OfType<EndpointAnnotation>().SingleOrDefault(endpoint => endpoint.Name == EndpointName)
        ?? throw new InvalidOperationException($"Resource '{Resource.Name}' has no endpoint '{EndpointName}'.");
    public string Host => "localhost";
    public int Port => EndpointAnnotation.AllocatedPorts is [var port, ..]
        ? port
        : throw new InvalidOperationException($"Endpoint '{EndpointName}' of '{Resource.Name}' has no port before the application starts.");
    public string Scheme => EndpointAnnotation.UriScheme;
    public string Url => $"{Scheme}://{Host}:{Port}";
    public string ValueExpression => Expression(EndpointProperty.Url);
    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Url);
    internal string Expression(EndpointProperty property) => $"{{{Resource.Name}.bindings.{EndpointName}.{property}}}";
}

/// <summary>A part of an endpoint.</summary>
public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IExpressionValue
{
    public string ValueExpression => endpointReference.Expression(property);
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(property switch
    {
        EndpointProperty.Url => endpointReference.Url,
        EndpointProperty.Host => endpointReference.Host,
        EndpointProperty.IPV4Host => "127.0.0.1",
        EndpointProperty.Port or EndpointProperty.TargetPort => endpointReference.Port.ToString(CultureInfo.InvariantCulture),
        EndpointProperty.Scheme => endpointReference.Scheme,
        EndpointProperty.HostAndPort => string.Create(CultureInfo.InvariantCulture, $"{endpointReference.Host}:{endpointReference.Port}"),
        _ => throw new ArgumentOutOfRangeException(nameof(property), property, "Unknown endpoint property."),
    });
}
