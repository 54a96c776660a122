using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using SmsGateway.Api.Errors;

namespace SmsGateway.Api.Json;

/// <summary>Says what is wrong with a body: the serializer tells where it stopped; what is allowed there, the property's description says.</summary>
internal static class JsonFault
{
    private const int LongestEcho = 64;

    public static Problem NotAnObject() => new(ProblemTypes.MalformedJson, "The body must be a JSON object.");

    public static Problem Explain(JsonException error, JsonTypeInfo type)
    {
        // A syntax error is a reader's exception inside; everything else has a path.
        if (error.InnerException is JsonException)
        {
            return new(ProblemTypes.MalformedJson, string.Create(
                CultureInfo.InvariantCulture, $"Not JSON at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}."));
        }

        var field = new StringBuilder();
        string? allowed = null;
        var rest = (error.Path ?? "").AsSpan().TrimStart('$');
        while (TryReadStep(ref rest, out var name, out bool isElement))
        {
            if (isElement)
            {
                field.Append('[').Append(name).Append(']');
                type = type.ElementType is { } element ? type.Options.GetTypeInfo(element) : type;
                continue;
            }

            field.Append(field.Length > 0 ? "." : "").Append(name.Length > LongestEcho ? name[..LongestEcho] : name);
            if (Find(type, name) is not { } property)
            {
                string known = string.Join(", ", type.Properties.Select(property => property.Name));
                return Problem.OfField(field.ToString(), $"unknown field; known are {known}");
            }

            allowed = Allowed(property);
            type = type.Options.GetTypeInfo(property.PropertyType);
        }

        return allowed is null ? NotAnObject() : Problem.OfField(field.ToString(), $"at most once: {allowed}");
    }

    /// <summary>Takes the next step from a path such as <c>.name</c>, <c>.list[3].inner</c> or <c>['odd name']</c>.</summary>
    private static bool TryReadStep(ref ReadOnlySpan<char> path, out ReadOnlySpan<char> name, out bool isElement)
    {
        const string quote = "['";
        const string quoteEnd = "']";
        name = default;
        isElement = false;
        if (path.IsEmpty)
        {
            return false;
        }

        bool isQuoted = path.StartsWith(quote, StringComparison.Ordinal);
        isElement = !isQuoted && path[0] == '[';
        int start = isQuoted ? quote.Length : 1;
        int length = isQuoted ? path[start..].IndexOf(quoteEnd, StringComparison.Ordinal)
            : isElement ? path[start..].IndexOf(']')
            : path[start..].IndexOfAny('.', '[');
        length = length < 0 ? path.Length - start : length;
        name = path.Slice(start, length);
        path = path[Math.Min(path.Length, start + length + (isQuoted ? quoteEnd.Length : isElement ? 1 : 0))..];
        return true;
    }

    private static JsonPropertyInfo? Find(JsonTypeInfo type, ReadOnlySpan<char> name)
    {
        foreach (var property in type.Properties)
        {
            if (name.SequenceEqual(property.Name))
            {
                return property;
            }
        }

        return null;
    }

    private static string Allowed(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: false) is [DescriptionAttribute rule, ..]
            ? rule.Description
            : property.PropertyType.Name;
}
