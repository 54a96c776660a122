using System.Runtime.CompilerServices;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that may be known only when the application runs.</summary>
public interface IValueProvider
{
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}

/// <summary>A value that a deployment manifest can spell as an expression.</summary>
public interface IManifestExpressionProvider
{
    string ValueExpression { get; }
}

/// <summary>Both.</summary>
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;

/// <summary>A resource that clients reach by a connection string.</summary>
public interface IResourceWithConnectionString : IResource, IExpressionValue
{
    ReferenceExpression ConnectionStringExpression { get; }

    ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        ConnectionStringExpression.GetValueAsync(cancellationToken);
    string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";
    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);
}

/// <summary>A string with parts that are known only when the application runs.</summary>
public class ReferenceExpression : IExpressionValue
{
    private readonly IReadOnlyList<object> _parts;
    internal ReferenceExpression(IReadOnlyList<object> parts) => _parts = parts;
    public string ValueExpression => string.Concat(_parts.Select(part => part as string ?? ((IManifestExpressionProvider)part).ValueExpression));
    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Build();
    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken)
    {
        var values = new List<string?>(_parts.Count);
        foreach (var part in _parts)
        {
            values.Add(part as string ?? await ((IValueProvider)part).GetValueAsync(cancellationToken));
        }

        return string.Concat(values);
    }

    /// <summary>Collects the parts of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        private readonly List<object> _parts = new(literalLength > 0 ? (2 * formattedCount) + 1 : formattedCount);
        public readonly void AppendLiteral(string value) => _parts.Add(value);
        public readonly void AppendFormatted(string? value) => _parts.Add(value ?? string.Empty);
        public readonly void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => _parts.Add(valueProvider);
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider => _parts.Add(valueProvider.Resource);
        internal readonly ReferenceExpression Build() => new([.. _parts]);
    }
}
